"""Inputs by which fuzzing found a foreign error or nonsense that was taken; all are refused now."""

import json
import time
import zipfile

import numpy as np
import pytest

from tests.fuzz.readers import READERS

HUGE = 10**400
"""JSON may hold it, a float may not."""

CHANGES = [
    ("annotations", "file.json", ("images", "a.jpg", "words", "1", "points", 0, 0), 2e7, "two finite numbers"),
    ("annotations", "file.json", ("images", "a.jpg", "words", "1", "points", 0, 0), HUGE, "two finite numbers"),
    ("calibrations", "file.json", ("cross_fitted",), 1e8, r"scores in \[0, 1\]"),
    ("calibrations", "file.json", ("cross_fitted",), HUGE, r"scores in \[0, 1\]"),
    ("calibrations", "file.json", ("gain", "mean"), 1e308, r"gains in \[-1, 1\]"),
    ("calibrations", "file.json", ("settings", "thresh"), HUGE, "expected thresh to be a number of at most 1e"),
    ("folds", "file.json", ("folds", 0, "statistics", "words_per_image"), float("nan"), "numbers in statistics"),
    ("folds", "file.json", ("folds", 0, "statistics", "words"), -1, "numbers in statistics"),
    ("folds", "file.json", ("folds", 0, "filenames"), ["../a.jpg"], "a file name that leads outside"),
    ("provenance", "provenance.json", ("validation", "hmean"), float("inf"), r"no numbers in \[0, 1\]"),
    (
        "settings in checkpoints",
        "base.json",
        ("models", "head", "unclip_ratio"),
        1e30,
        "expected models.head.unclip_ratio",
    ),
    ("settings in checkpoints", "base.json", ("datasets", "std"), [[None] * 20_000], "expected at most 10,000 values"),
    ("settings in checkpoints", "base.json", ("models", "head", "k"), HUGE, "expected models.head.k to be like"),
    ("files of weights", "x.index.json", ("weight_map", "n"), "x" * 300, "shards that lie beside it"),
    ("summaries of runs", "finished.json", ("epochs",), 0.5, "expected a score and epochs"),
    ("summaries of runs", "finished.json", ("score",), HUGE, "expected a score and epochs"),
    ("summaries of runs", "summary.json", ("epochs", 0, "train_loss"), "nan", "got the score"),
]


def refusal(reader, path):
    with pytest.raises(reader.refusals) as caught:
        reader.read(path)
    return str(caught.value)


@pytest.mark.parametrize(("name", "file", "where", "value", "words"), CHANGES)
def test_a_value_is_refused(tmp_path, name, file, where, value, words):
    reader = READERS[name]
    reader.write(tmp_path)
    path = tmp_path / file
    document = json.loads(path.read_text())
    parent = document
    for key in where[:-1]:
        parent = parent[key]
    parent[where[-1]] = value
    path.write_text(json.dumps(document))
    with pytest.raises(reader.refusals, match=words):
        reader.read(path)


def test_a_member_of_an_npz_that_is_no_array_is_missing(tmp_path):
    reader = READERS["npz"]
    path, _ = reader.write(tmp_path)
    with np.load(path) as file:
        arrays = dict(file)
    del arrays["train_images"]
    np.savez(path, **arrays)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("train_images", b"no array")
    assert "expected an array 'train_images', got" in refusal(reader, path)


def test_a_member_of_a_zip_without_a_name_is_no_image(tmp_path):
    reader = READERS["zip archives"]
    path, _ = reader.write(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"x")
    assert len(reader.read(path)) == 6


def test_a_manifest_of_generated_files_claims_none_with_a_nul(tmp_path):
    reader = READERS["generated files"]
    (path,) = reader.write(tmp_path)
    path.write_text(json.dumps({"files": ["a\0b", "a.jpg"]}))
    assert reader.read(path) == {"a.jpg"}


def test_long_numbers_of_a_label_file_are_read_at_once(tmp_path):
    """A pattern that could part digits in several ways took ten minutes for such a line."""
    reader = READERS["labels of other tools, text"]
    (path,) = (path for path in reader.write(tmp_path) if path.parent.name == "ctw1500")
    path.write_text(",".join(["9" * 30] * 12) + ",x####a\n")
    start = time.perf_counter()
    with pytest.raises(reader.refusals, match="expected a number, got 'x'"):
        reader.read(path)
    assert time.perf_counter() - start < 5
