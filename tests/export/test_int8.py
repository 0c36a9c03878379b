"""int8 stays only where the score does."""

import pytest

from ocr.annotations.labelled_images import read_images
from ocr.export import int8
from ocr.export.int8 import export_int8
from tests.export.red import RedNetwork, red_metadata
from tests.small_data import random_part

pytest.importorskip("onnxruntime.quantization")


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    for seed, part in enumerate(("train", "val")):
        random_part(root, part, 2, seed=seed)
    return read_images(root, "train"), read_images(root, "val")


@pytest.mark.parametrize("scores", [(0.95, 0.9495), (0.95, 0.948)], ids=["0.0005 worse", "0.002 worse"])
def test_a_file_in_8_bits_stays_if_the_score_falls_by_a_thousandth_at_most(scores, parts, tmp_path, monkeypatch):
    given = iter(scores)
    monkeypatch.setattr(int8, "score_words", lambda network, images, reading: next(given))
    found = export_int8(RedNetwork().eval(), red_metadata(), tmp_path, *parts)
    is_kept = scores[0] - scores[1] < 0.001
    assert (found.hmean_single, found.hmean) == scores
    assert (found.path is not None) == is_kept == (tmp_path / "own_int8.onnx").is_file()
    assert (tmp_path / "own_int8.txt").is_file() == is_kept


def test_both_files_are_scored_on_the_labelled_images(parts, tmp_path):
    """No word is red: neither file finds any, so that nothing is lost."""
    found = export_int8(RedNetwork().eval(), red_metadata(), tmp_path, *parts)
    assert (found.hmean, found.hmean_single) == (0.0, 0.0)
    assert found.path == tmp_path / "own_int8.onnx"
