"""A folder of predictions: JSON, CSV, and what could not be read."""

import json

import numpy as np
import pytest

from baseline_code.images.unreadable import UnreadableImage
from ocr.annotations.records import ImageRecord
from ocr.postprocess import Detections
from ocr.submission import read_predictions
from ocr.submission.prediction_folder import claimed_folder, write_prediction_folder

WORD = np.array([[1.25, 2.0], [30.6, 2.0], [30.6, 9.4], [1.25, 9.4]], dtype=np.float32)
NAMES = ["c.jpg", "a.jpg", "broken.jpg", "b.jpg"]


def predicted(name, *scores):
    detections = Detections([WORD + 10 * index for index in range(len(scores))], np.array(scores, np.float32))
    return ImageRecord(name, 100, 50, np.eye(3)), detections


@pytest.fixture
def folder(tmp_path):
    predictions = [predicted("a.jpg", 0.9, 0.5), predicted("b.jpg"), predicted("c.jpg", 0.7)]
    write_prediction_folder(
        tmp_path, NAMES, predictions, [UnreadableImage("broken.jpg", "broken.jpg: truncated – 切れ")]
    )
    return tmp_path


def test_the_csv_has_a_row_for_every_image_asked_for_in_order(folder):
    assert sorted(path.name for path in folder.iterdir()) == ["failed.json", "predictions.json", "submission.csv"]
    assert (folder / "submission.csv").read_text() == (
        "filename,polygons\n"
        "c.jpg,1 2 31 2 31 9 1 9\n"
        "a.jpg,1 2 31 2 31 9 1 9|11 12 41 12 41 19 11 19\n"
        "broken.jpg,\n"
        "b.jpg,\n"
    )


def test_readable_images_without_a_word_are_counted_and_named(folder, caplog):
    assert caplog.get_records("setup")[-1].getMessage() == "no word found in 1 of 3 images: b.jpg"


def test_the_json_has_every_readable_image_in_order_with_its_size_and_scores(folder):
    written = json.loads((folder / "predictions.json").read_text())["images"]
    assert list(written) == ["c.jpg", "a.jpg", "b.jpg"]
    assert (written["a.jpg"]["img_w"], written["a.jpg"]["img_h"]) == (100, 50)
    assert written["b.jpg"]["words"] == {}
    read = read_predictions(folder / "predictions.json")
    assert read["a.jpg"].scores.tolist() == pytest.approx([0.9, 0.5])
    np.testing.assert_array_equal(read["a.jpg"].polygons[0], WORD)  # floats, not rounded


def test_the_reasons_of_unreadable_files_are_kept_as_they_are(folder):
    assert json.loads((folder / "failed.json").read_text()) == {"broken.jpg": "broken.jpg: truncated – 切れ"}
    assert "切れ" in (folder / "failed.json").read_text()


def test_where_none_could_be_read_all_rows_are_empty(tmp_path):
    broken = [UnreadableImage(name, f"{name}: empty") for name in ("a.jpg", "b.jpg")]
    write_prediction_folder(tmp_path, ["a.jpg", "b.jpg"], [], broken)
    assert (tmp_path / "submission.csv").read_text() == "filename,polygons\na.jpg,\nb.jpg,\n"
    assert json.loads((tmp_path / "predictions.json").read_text()) == {"images": {}}
    assert list(json.loads((tmp_path / "failed.json").read_text())) == ["a.jpg", "b.jpg"]


def test_an_image_predicted_twice_is_written_once(tmp_path):
    """Processes that share the work may both see the last image."""
    write_prediction_folder(tmp_path, ["a.jpg"], [predicted("a.jpg", 0.9), predicted("a.jpg", 0.9)], [])
    assert len((tmp_path / "submission.csv").read_text().splitlines()) == 2
    assert json.loads((tmp_path / "failed.json").read_text()) == {}


def test_a_new_folder_is_made_and_claimed(tmp_path):
    with claimed_folder(tmp_path / "new/deep", "unused", overwrite=False) as claimed:
        (claimed / "predictions.json").write_text("{}")
    assert [path.name for path in (tmp_path / "new/deep").iterdir()] == ["predictions.json"]


def test_a_folder_that_nothing_was_written_to_is_gone_again(tmp_path):
    with pytest.raises(KeyError), claimed_folder(tmp_path / "new/deep", "unused", overwrite=False):
        raise KeyError
    assert not list(tmp_path.iterdir())
    (tmp_path / "mine").mkdir()
    with claimed_folder(tmp_path / "mine", "unused", overwrite=False):
        pass
    assert not list((tmp_path / "mine").iterdir())


def test_a_folder_with_predictions_or_of_another_command_is_refused(folder):
    with (
        pytest.raises(FileExistsError, match=r"holds predictions already: choose .* output=, or set overwrite=true"),
        claimed_folder(folder, "unused", overwrite=False),
    ):
        pass
    with claimed_folder(folder, "unused", overwrite=True) as claimed:
        assert claimed == folder
        with (
            pytest.raises(FileExistsError, match="is being written by another command: choose another output="),
            claimed_folder(folder, "unused", overwrite=True),
        ):
            pass
    assert (folder / "predictions.json").is_file()


@pytest.mark.parametrize("name", ["predictions.json", "submission.csv", "failed.json", "provenance.json", "overlays/a"])
def test_any_file_that_would_be_replaced_keeps_its_folder(tmp_path, name):
    path = tmp_path / "mine" / name
    path.parent.mkdir(parents=True)
    path.write_text("by hand")
    (tmp_path / "mine/notes.txt").touch()  # of another name: in nobody's way
    first = (tmp_path / "mine" / name.partition("/")[0]).name
    with (
        pytest.raises(FileExistsError, match=rf"mine.{first}: its folder holds predictions already: choose another"),
        claimed_folder(tmp_path / "mine", "unused", overwrite=False),
    ):
        pass
    assert path.read_text() == "by hand"


def test_a_name_that_nobody_typed_gives_way(tmp_path):
    name = str(tmp_path / "2026-11-25_13-34-55")
    with claimed_folder(None, name, overwrite=False) as first, claimed_folder(None, name, overwrite=False) as second:
        assert (str(first), str(second)) == (name, f"{name}_2")
