"""int8 stays only where the score does."""

import pytest

from ocr.annotations.labelled_images import read_images
from ocr.export import int8
from ocr.export.int8 import export_int8
from tests.export.red import RedNetwork, red_metadata
from tests.small_data import random_split

pytest.importorskip("onnxruntime.quantization")


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    for seed, split in enumerate(("train", "val")):
        random_split(root, split, 2, seed=seed)
    return read_images(root, "train"), read_images(root, "val")


@pytest.mark.parametrize("scores", [(0.95, 0.9495), (0.95, 0.948)], ids=["0.0005 worse", "0.002 worse"])
def test_a_file_in_8_bits_stays_if_the_score_falls_by_a_thousandth_at_most(scores, splits, tmp_path, monkeypatch):
    given = iter(scores)
    monkeypatch.setattr(int8, "score_words", lambda network, images, reading: next(given))
    found = export_int8(RedNetwork().eval(), red_metadata(), tmp_path, *splits)
    is_kept = scores[0] - scores[1] < 0.001
    assert (found.hmean_single, found.hmean) == scores
    assert (found.path is not None) == is_kept == (tmp_path / "own_int8.onnx").is_file()
    assert (tmp_path / "own_int8.txt").is_file() == is_kept


def test_both_files_are_scored_on_the_labelled_images(splits, tmp_path):
    """No word is red: neither file finds any, so that nothing is lost."""
    found = export_int8(RedNetwork().eval(), red_metadata(), tmp_path, *splits)
    assert (found.hmean, found.hmean_single) == (0.0, 0.0)
    assert found.path == tmp_path / "own_int8.onnx"
