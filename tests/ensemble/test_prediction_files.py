"""Votes over whole files."""

import json

import numpy as np
import pytest

from ocr.ensemble import vote_files
from ocr.submission import PredictedImage, read_predictions, write_predictions
from ocr.submission.prediction_folder import write_prediction_files
from tests.oracles.polygons import box, tilted_box

ROWS = """filename,polygons
b.jpg,10 10 110 12 109 30 9 28|0 60 40 60 40 75 20 79 0 75
a.jpg,
"c, d.jpg",5 5 50 5 50 20 5 20
"""


@pytest.fixture
def submission(tmp_path):
    path = tmp_path / "first.csv"
    path.write_text(ROWS)
    return path


def nothing(*size):
    return PredictedImage([], np.zeros(0, np.float32), size)


def voted_folder(tmp_path, paths, **arguments):
    folder = tmp_path / "voted"
    folder.mkdir()
    voted = vote_files(paths, **arguments)
    write_prediction_files(folder, list(voted), voted, {})
    return folder


@pytest.mark.parametrize("copies", [1, 2, 5])
@pytest.mark.parametrize("vote", [None, 1.0])
def test_a_vote_of_identical_csvs_returns_the_file_byte_for_byte(submission, tmp_path, copies, vote):
    folder = voted_folder(tmp_path, [submission] * copies, vote=vote)
    assert (folder / "submission.csv").read_bytes() == submission.read_bytes()
    assert json.loads((folder / "failed.json").read_text()) == {}


def test_a_vote_of_identical_jsons_returns_the_file_byte_for_byte(tmp_path):
    path = tmp_path / "first.json"
    words = [tilted_box(50.3, 30.7, 60, 15, 3), box(0, 60, 100, 90)]
    found = PredictedImage(words, np.array([0.9, 0.3], np.float32), (100, 90))
    write_predictions(path, {"b.jpg": found, "a.jpg": nothing(40, 30)})
    folder = voted_folder(tmp_path, [path, path, path])
    assert (folder / "predictions.json").read_bytes() == path.read_bytes()


def test_polygons_stay_inside_images_whose_size_some_file_gives(submission, tmp_path):
    """The JSON's word reaches the border at x = 100: in whole pixels the last one is 99."""
    path = tmp_path / "second.json"
    word = PredictedImage([box(80, 60, 100, 90)], np.ones(1, np.float32), (100, 90))
    write_predictions(path, {"b.jpg": word, "a.jpg": nothing(40, 30), "c, d.jpg": nothing(60, 60)})
    folder = voted_folder(tmp_path, [submission, path], weights=[0, 1])
    assert "b.jpg,80 60 99 60 99 89 80 89\n" in (folder / "submission.csv").read_text()
    assert read_predictions(folder / "predictions.json")["b.jpg"].size == (100, 90)


def test_an_image_that_could_not_be_read_keeps_its_empty_row_in_its_place(tmp_path):
    """A folder's JSON lacks it, its CSV does not; the folder and a CSV are of the same images."""
    folder, names = tmp_path / "first", ["b.jpg", "broken.jpg", "a.jpg"]
    folder.mkdir()
    found = PredictedImage([box(10, 10, 50, 30)], np.array([0.9], np.float32), (100, 90))
    readable = dict.fromkeys(("b.jpg", "a.jpg"), found)
    write_prediction_files(folder, names, readable, {"broken.jpg": "broken.jpg: cut short"})
    rows = (folder / "submission.csv").read_text()
    (tmp_path / "second.csv").write_text(rows)
    paths = [folder / "predictions.json", tmp_path / "second.csv"]
    for order in (paths, paths[::-1], paths[:1]):
        voted = vote_files(order)
        assert [(name, len(words.polygons)) for name, words in voted.items()] == [
            ("b.jpg", 1),
            ("broken.jpg", 0),
            ("a.jpg", 1),
        ]
    assert rows == "filename,polygons\nb.jpg,10 10 50 10 50 30 10 30\nbroken.jpg,\na.jpg,10 10 50 10 50 30 10 30\n"
    assert (voted_folder(tmp_path, paths) / "submission.csv").read_text() == rows


def test_members_with_few_words_in_common_are_warned_of_and_others_not(submission, tmp_path, caplog):
    """Of three words one is in common, which is a third; of none in common the two files are named."""
    other = tmp_path / "second.csv"
    other.write_text(
        ROWS.replace("5 5 50 5 50 20 5 20", "5 25 50 25 50 40 5 40").replace("|0 60 40 60 40 75", "|50 60 90 60 90 75")
    )
    vote_files([submission, other])
    assert caplog.text == ""
    other.write_text('filename,polygons\nb.jpg,5 5 55 6 54 15 4 14\na.jpg,1 1 9 1 9 9 1 9\n"c, d.jpg",\n')
    vote_files([submission, other])
    assert f"{submission} and {other} agree on 0 words of 3 and 2: are both" in caplog.text


def test_a_word_of_one_file_only_is_outvoted(submission, tmp_path):
    other = tmp_path / "second.csv"
    other.write_text(ROWS.replace("|0 60 40 60 40 75 20 79 0 75", ""))
    voted = vote_files([submission, other, other])
    assert [len(found.polygons) for found in voted.values()] == [1, 0, 1]
    assert list(voted) == ["b.jpg", "a.jpg", "c, d.jpg"]


def test_files_of_other_images_are_refused_by_name(submission, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("filename,polygons\nb.jpg,\na.jpg,\ne.jpg,\n")
    message = r"other\.csv: expected the images of .*first\.csv, got 1 others \(e\.jpg\) .*none of 1 \(c, d\.jpg\); "
    with pytest.raises(ValueError, match=message + "predict the same images="):
        vote_files([submission, other])
    with pytest.raises(ValueError, match="vote in"):  # before any file is read
        vote_files([tmp_path / "missing.csv"], vote=2.0)


def test_images_of_other_sizes_are_refused_by_name(tmp_path):
    paths = [tmp_path / "first.json", tmp_path / "second.json"]
    for path, size in zip(paths, [(100, 90), (90, 100)], strict=True):
        write_predictions(path, {"a.jpg": nothing(*size)})
    with pytest.raises(ValueError, match=r"a\.jpg: expected one width and height .* got \[\(90, 100\), \(100, 90\)\]"):
        vote_files(paths)
