"""runners/doctor.py as users call it."""

import json
import shlex
import shutil
import unicodedata

import numpy as np
import pytest

from ocr.annotations.records import ImageRecord
from ocr.geometry import scaling
from ocr.probability_maps import ImageMap, MapCacheWriter
from runners.doctor import main
from tests.commands import composed
from tests.small_data import block, random_split, write_split


@pytest.fixture
def data(tmp_path):
    random_split(tmp_path, "train", 4, seed=1)
    random_split(tmp_path, "val", 2, seed=2)
    return tmp_path


@pytest.fixture
def learned_maps(data, tmp_path):
    """Out-of-fold maps of the validation images, which show no text at all."""
    labels = json.loads((data / "jsons/val.json").read_text())["images"]
    return write_blank_maps(
        tmp_path / "maps", {name: (entry["img_w"], entry["img_h"]) for name, entry in labels.items()}
    )


def write_blank_maps(folder, sizes):
    """Out-of-fold maps without any text of images of some width and height."""
    with MapCacheWriter(folder, source={"out_of_fold": True, "members": []}) as writer:
        for name, (width, height) in sizes.items():
            record = ImageRecord(name, width, height, scaling(1, 1))
            writer.add(ImageMap(record, np.zeros((height, width), np.uint8)), "0" * 64)
        writer.close(list(sizes))
    return folder


def diagnose(capsys, *settings):
    """Exit status, and what was said with the line breaks of narrow terminals undone."""
    try:
        main(composed("doctor", "datasets.img_size=128", "examples=2", *settings))
        status = 0
    except SystemExit as stop:
        status = stop.code
    return status, " ".join(capsys.readouterr().out.split())


def test_clean_data_end_with_0_and_leave_a_report_with_charts_and_sheets(data, tmp_path, capsys):
    status, said = diagnose(capsys, f"datasets.root={data}", f"output={tmp_path / 'report'}")
    assert status == 0
    assert "errors: 0, warnings: 0" in said
    assert f"python runners/train.py datasets.root={data} preset=ppocrv6_finetune" in said
    files = sorted(path.name for path in (tmp_path / "report").iterdir())
    assert files == ["report.json", "samples_train.png", "samples_val.png", "words.png"]
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["parts"]["train"]["images"] == 4
    assert report["ceiling"]["cleval"]["hmean"] == 1.0


def test_errors_of_several_splits_are_told_together_and_end_with_1(data, capsys):
    (data / "images/val/val_1.png").unlink()
    write_split(data, "test", {"a.png": (100, 80, [block(90, 10, 60, 12)])})
    status, said = diagnose(capsys, f"datasets.root={data}", "output=null")
    assert status == 1
    assert "error val: labelled images that are not there (1) image 'val_1.png'" in said
    assert "error test: words outside their image (1) image 'a.png', word '0000': expected x in 0..100" in said
    assert "python runners/train.py" not in said


@pytest.mark.parametrize(("strict", "expected"), [("false", 0), ("true", 1)])
def test_warnings_end_with_0_and_when_asked_with_1(data, capsys, strict, expected):
    shutil.copy(data / "images/train/train_0.png", data / "images/train/train_1.png")
    labels = json.loads((data / "jsons/train.json").read_text())
    labels["images"]["train_1.png"] = labels["images"]["train_0.png"]
    (data / "jsons/train.json").write_text(json.dumps(labels))
    status, said = diagnose(capsys, f"datasets.root={data}", "output=null", f"strict={strict}")
    assert status == expected
    assert "image 'train_1.png': as train_0.png" in said


def test_folders_that_are_trained_on_beside_the_data_are_looked_at_with_them(data, tmp_path, capsys):
    other = tmp_path / "other"
    random_split(other, "train", 3, seed=3)
    for source, copy in (("val/val_0.png", "train_0.png"), ("train/train_1.png", "train_1.png")):
        shutil.copy(data / "images" / source, other / "images/train" / copy)
    before = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    status, said = diagnose(
        capsys, f"datasets.root={data}", f"datasets.train.also=[{other}]", f"output={tmp_path}/seen"
    )
    assert status == 1
    assert (
        f"error train of {other}: images that another split has as well (1) image 'train_0.png': as val: val_0.png"
        in said
    )
    assert f"warning train of {other}: images with the bytes of another of their split (1) image 'train_1.png'" in said
    written = sorted(path.name for path in tmp_path.rglob("*") if path.is_file() and path not in before)
    assert written == ["report.json", "samples_train.png", "samples_train_2.png", "samples_val.png", "words.png"]


def test_the_command_that_it_suggests_trains_on_what_was_looked_at(data, tmp_path, capsys):
    other = tmp_path / "others, (1)"
    random_split(other, "train", 3, seed=3)
    _, said = diagnose(capsys, f"datasets.root={data}", f"datasets.train.also=['{other}']", "output=null")
    typed = shlex.split(said[said.index("python runners/train.py") : said.index(" errors:")])
    config = composed("train", *typed[2:])
    assert config.datasets.root == str(data)
    assert config.datasets.train.also == [str(other)]


def test_a_folder_without_the_training_split_is_refused(data, tmp_path, capsys):
    random_split(tmp_path / "other", "val", 1, seed=3)
    with pytest.raises(ValueError, match=r"other: expected a split 'train' \(datasets.train.also\), found none"):
        diagnose(capsys, f"datasets.root={data}", f"datasets.train.also=[{tmp_path / 'other'}]")


def test_splits_that_are_not_there_are_refused_with_those_that_are(data, capsys):
    with pytest.raises(ValueError, match=r"expected parts=\[…\] out of train, val, got vall"):
        diagnose(capsys, f"datasets.root={data}", "output=null", "parts=[vall]")


def test_maps_of_a_detector_that_saw_other_images_rank_the_labels(data, learned_maps, capsys, caplog, tmp_path):
    status, said = diagnose(
        capsys, f"datasets.root={data}", "parts=[val]", f"maps={learned_maps}", f"output={tmp_path}"
    )
    assert status == 0
    assert f"{learned_maps}: its checkpoint is not at hand; the maps are read with the defaults" in caplog.text
    assert "likely label errors" in said
    ranking = json.loads((tmp_path / "report.json").read_text())["label_errors"]
    assert {row["image"] for row in ranking} <= {"val_0.png", "val_1.png"}
    assert (tmp_path / "label_errors.png").is_file()


def test_maps_rank_labels_of_names_that_look_the_same(tmp_path, capsys):
    labelled, predicted = (unicodedata.normalize(form, "영수증.png") for form in ("NFC", "NFD"))
    random_split(tmp_path, "train", 4, seed=1)
    write_split(tmp_path, "val", {labelled: (100, 80, [block(10, 10, 40, 12)])})
    maps = write_blank_maps(tmp_path / "maps", {predicted: (100, 80)})
    diagnose(capsys, f"datasets.root={tmp_path}", "parts=[val]", f"maps={maps}", f"output={tmp_path / 'seen'}")
    ranking = json.loads((tmp_path / "seen/report.json").read_text(encoding="utf-8"))["label_errors"]
    assert [(row["kind"], row["image"]) for row in ranking] == [("no text", labelled)]
