"""Backgrounds: of installed packages or a folder, in pieces of any size, and what is said where there are none."""

import importlib.util

import numpy as np
import pytest
from PIL import Image

from synthetic.scenes import Photographs, find_photographs


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path)


def test_a_piece_has_the_size_asked_for_and_the_photographs_proportions(tmp_path):
    rows, columns = np.mgrid[0:100, 0:200]
    save(tmp_path / "a.png", np.stack([columns, rows * 2, columns * 0], axis=-1))
    for seed in range(4):
        piece = Photographs([tmp_path / "a.png"]).crop(np.random.default_rng(seed), 60, 80)
        assert piece.shape == (80, 60, 3)
        # At most all 100 rows make 80 (a step of 2 * 100 / 80 levels), at least 45 of them; columns have half a level.
        across, down = (np.diff(piece[..., axis] * 255, axis=1 - axis)[2:-2, 2:-2].mean() for axis in (0, 1))
        assert 2 * 0.44 * 100 / 80 <= down <= 2 * 100 / 80 + 0.01
        assert abs(across) == pytest.approx(down / 2, rel=0.05)


def test_a_folder_is_searched_in_the_order_of_its_paths(tmp_path):
    for name in ("b.png", "a/c.png"):
        save(tmp_path / name, np.zeros((4, 4, 3)))
    (tmp_path / "notes.txt").write_text("none")
    assert find_photographs(tmp_path).paths == (tmp_path / "a/c.png", tmp_path / "b.png")


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"expected images without words in backgrounds=.*got none"):
        find_photographs(tmp_path)


def test_only_named_photographs_of_a_package_are_taken(tmp_path, monkeypatch):
    (tmp_path / "skimage").mkdir()
    (tmp_path / "skimage/__init__.py").write_text("raise ImportError('nothing of it is needed')")
    for name in ("data/coffee.png", "data/page.png"):
        save(tmp_path / "skimage" / name, np.zeros((4, 4, 3)))
    spec = importlib.util.spec_from_file_location(
        "skimage", tmp_path / "skimage/__init__.py", submodule_search_locations=[str(tmp_path / "skimage")]
    )
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec if name == "skimage" else None)
    assert find_photographs().paths == (tmp_path / "skimage/data/coffee.png",)


def test_without_a_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"pip install -e .\[photographs\], or give a folder .* backgrounds="):
        find_photographs()
