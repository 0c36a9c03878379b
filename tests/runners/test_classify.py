"""`runners/classify.py`: a CSV from a checkpoint alone."""

import csv
import zipfile

import pytest
import torch

from tests.classifier_runs import SMALL, call, write_images


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    root = tmp_path_factory.mktemp("images")
    write_images(root, {"train": 12, "val": 2, "test": 3})
    (root / "test/red/broken.png").write_bytes(b"\x89PNG")
    return root


@pytest.fixture(scope="module")
def checkpoint(images, tmp_path_factory):
    """A classifier of two colours, trained without a test split (one of its images is broken)."""
    root, folder = tmp_path_factory.mktemp("splits"), tmp_path_factory.mktemp("run")
    for split in ("train", "val"):
        (root / split).symlink_to(images / split)
    with pytest.MonkeyPatch.context() as patch:
        arguments = (*SMALL, f"datasets.root={root}", f"hydra.run.dir={folder}", "trainer.max_epochs=3")
        assert call(patch, "pretrain", *arguments) == 0
    return folder / "checkpoints/best.ckpt"


def classify(monkeypatch, checkpoint, path, output, *more):
    arguments = (f"checkpoint_path={checkpoint}", f"path={path}", f"output={output}", *more)
    return call(monkeypatch, "classify", *arguments)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_becomes_a_csv_and_what_cannot_be_read_a_status(images, checkpoint, tmp_path, monkeypatch, capsys):
    assert classify(monkeypatch, checkpoint, images / "test", tmp_path / "new/out.csv") == 3
    found = rows(tmp_path / "new/out.csv")
    assert list(found[0]) == ["filename", "class", "probability_blue", "probability_red"]
    assert [row["filename"] for row in found] == sorted(row["filename"] for row in found)
    for row in found:
        if "broken" in row["filename"]:
            assert (row["class"], row["probability_red"]) == ("", "")
            continue
        assert row["class"] == row["filename"].partition("/")[0]
        assert float(row["probability_blue"]) + float(row["probability_red"]) == pytest.approx(1, abs=2e-6)
    said = capsys.readouterr().out
    assert "7 images, 1 unreadable" in said
    assert str(images / "test/red/broken.png") in said


def test_one_file_and_an_archive_say_the_same_as_the_folder(images, checkpoint, tmp_path, monkeypatch):
    file = images / "test/blue/blue_test_0.png"
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        archive.write(file, "any/where.png")
    assert classify(monkeypatch, checkpoint, file, tmp_path / "file.csv") == 0
    assert classify(monkeypatch, checkpoint, tmp_path / "images.zip", tmp_path / "zip.csv", "trainer.batch_size=1") == 0
    (one,), (other,) = rows(tmp_path / "file.csv"), rows(tmp_path / "zip.csv")
    assert (one.pop("filename"), other.pop("filename")) == ("blue_test_0.png", "any/where.png")
    assert one == other


def test_a_file_is_only_replaced_where_that_is_asked_for(images, checkpoint, tmp_path, monkeypatch, capsys):
    output = tmp_path / "out.csv"
    output.write_text("mine")
    file = images / "test/blue/blue_test_0.png"
    assert classify(monkeypatch, checkpoint, file, output) == 1
    assert "is there already: choose another output=, or set overwrite=true" in capsys.readouterr().out
    assert output.read_text() == "mine"
    assert classify(monkeypatch, checkpoint, file, output, "overwrite=true") == 0
    assert len(rows(output)) == 1


def test_the_image_and_the_checkpoint_are_never_replaced_by_the_table(images, checkpoint, monkeypatch, capsys):
    file = images / "test/blue/blue_test_0.png"
    for output, setting in ((file, "path="), (checkpoint, "checkpoint_path=")):
        before = output.read_bytes()
        assert classify(monkeypatch, checkpoint, file, output, "overwrite=true") == 1
        words = f"{output}: expected a file that the command does not read, got {setting}: choose another output="
        assert words in capsys.readouterr().out
        assert output.read_bytes() == before


def test_what_is_no_classifier_or_no_image_is_told_in_one_line(images, checkpoint, tmp_path, monkeypatch, capsys):
    kept = torch.load(checkpoint, weights_only=True)
    damaged = {
        "text.ckpt": (None, "expected a checkpoint, could not read it"),
        "detector.ckpt": (
            {name: kept[name] for name in ("config", "state_dict")},
            "expected a classifier's checkpoint",
        ),
        "foreign.ckpt": (
            with_target(kept, "os.system"),
            "expected only parts of this project in its settings, got _target_='os.system'",
        ),
        "other.ckpt": (kept | {"classes": ["a", "b", "c"]}, "its weights do not fit its configuration"),
    }
    for name, (content, words) in damaged.items():
        path = tmp_path / name
        path.write_text("hello") if content is None else torch.save(content, path)
        assert classify(monkeypatch, path, images / "test", tmp_path / "out.csv") == 1
        assert words in capsys.readouterr().out
    assert classify(monkeypatch, checkpoint, "nowhere", tmp_path / "out.csv") == 2
    assert "path: expected a file or folder, found none at nowhere" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def with_target(checkpoint, target):
    models = checkpoint["config"]["models"] | {"mixup": {"_target_": target}}
    return checkpoint | {"config": checkpoint["config"] | {"models": models}}
