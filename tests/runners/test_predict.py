"""`runners/predict.py`: a prediction JSON, a CSV and the reasons of what could not be read, from a checkpoint alone."""

import json
import os
import shutil
import sys

import pytest
from PIL import Image

from baseline_code.images.reading import read_image_size
from ocr.submission import read_predictions, read_submission
from runners import predict
from tests.commands import composed, output, run


def test_a_split_is_predicted_in_the_order_of_its_labels(predicted, data):
    names = ["val_0.png", "val_1.png", "val_2.png"]
    assert list(read_predictions(predicted / "predictions.json")) == names
    assert list(read_submission(predicted / "submission.csv")) == names
    assert json.loads((predicted / "failed.json").read_text()) == {}
    assert any(image.polygons for image in read_predictions(predicted / "predictions.json").values())
    for name in names:
        size = read_image_size(data / "images/val" / name)
        assert Image.open(predicted / f"overlays/{name}.jpg").size == size
        assert read_predictions(predicted / "predictions.json")[name].size == size


def test_an_unreadable_image_stops_no_other_and_is_told_by_status_row_and_reason(mixed):
    assert mixed.result.returncode == 3
    rows = (mixed.output / "submission.csv").read_text().splitlines()
    assert rows[0] == "filename,polygons"
    assert rows[1] == "broken.jpg,"
    assert [row.partition(",")[0] for row in rows[2:]] == ["on_its_side.png", "upright.png"]
    assert list(read_predictions(mixed.output / "predictions.json")) == ["on_its_side.png", "upright.png"]
    failed = json.loads((mixed.output / "failed.json").read_text())
    assert list(failed) == ["broken.jpg"]
    assert "broken.jpg: " in failed["broken.jpg"]
    assert "broken.jpg" in output(mixed.result)
    assert not (mixed.output / "overlays/broken.jpg.jpg").exists()


def test_an_image_stored_on_its_side_is_predicted_as_it_is_displayed(mixed):
    images = json.loads((mixed.output / "predictions.json").read_text())["images"]
    side, upright = images["on_its_side.png"], images["upright.png"]
    assert (side["img_w"], side["img_h"]) == (upright["img_w"], upright["img_h"]) == mixed.size
    assert upright["words"]
    assert side["words"] == upright["words"]
    assert Image.open(mixed.output / "overlays/on_its_side.png.jpg").size == mixed.size


def test_a_folder_with_predictions_is_refused(predicted, training):
    before = (predicted / "predictions.json").stat().st_mtime_ns
    typed = (f"checkpoint_path={training.best}", "images=val", f"output={predicted}")
    with pytest.raises(FileExistsError, match="holds predictions already: choose another output=, or set overwrite="):
        predict.main(composed("predict", *typed))
    assert (predicted / "predictions.json").stat().st_mtime_ns == before


def test_thresholds_given_to_predict_change_the_result(predicted, data, training, tmp_path):
    """One image by its path; no score is above 0.999, so nothing is left."""
    one = (f"checkpoint_path={training.best}", f"images={data / 'images/val/val_0.png'}", f"output={tmp_path / 'out'}")
    predict.main(composed("predict", *one, "models.head.box_thresh=0.999", "ledger=null"))
    assert read_predictions(predicted / "predictions.json")["val_0.png"].polygons
    assert read_submission(tmp_path / "out/submission.csv") == {"val_0.png": []}
    assert not (tmp_path / "out/overlays").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_name_that_is_no_utf_8_costs_no_prediction(data, training, tmp_path):
    images = shutil.copytree(data / "images/test", tmp_path / "images")
    odd = os.fsdecode(b"caf\xe9.png")
    (images / "test_1.png").rename(images / odd)
    output_folder = tmp_path / "out"
    arguments = (f"images={images}", f"output={output_folder}", f"save_maps={tmp_path / 'maps'}", "overlays=true")
    result = run("predict", f"checkpoint_path={training.best}", *arguments, "ledger=null")
    assert result.returncode == 0, result.stdout + result.stderr
    found = json.loads((output_folder / "predictions.json").read_text(encoding="utf-8"))["images"]
    assert set(found) == {"test_0.png", "test_2.png", odd}
    assert len((output_folder / "submission.csv").read_text(encoding="utf-8").splitlines()) == 4
