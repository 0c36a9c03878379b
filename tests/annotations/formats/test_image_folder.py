"""Images are found by what labels call them."""

import unicodedata

import pytest
from PIL import Image

from ocr.annotations.formats.image_folder import ImageFolder


@pytest.fixture
def folder(tmp_path):
    for name in ("a.png", "x/a.png", "y/b.png", "z/b.png", "r 1.jpg", unicodedata.normalize("NFD", "합계.png")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (4, 3)).save(path)
    return ImageFolder(tmp_path)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a.png", "a.png"),  # the whole path, before x/a.png
        ("x/a.png", "x/a.png"),
        ("C:\\scans\\x\\a.png", "x/a.png"),  # a shorter end
        ("/home/me/other/a.png", "a.png"),  # the file name
        ("../receipts/r 1.jpg", "r 1.jpg"),
        ("old/y/b.png", "y/b.png"),
    ],
)
def test_the_whole_path_counts_then_shorter_ends_of_it(folder, name, key):
    assert folder.find(name).key == key


def test_names_that_look_the_same_are_the_same(folder):
    assert folder.find(unicodedata.normalize("NFC", "합계.png")).size == (4, 3)


def test_an_image_that_is_not_there_and_two_that_fit_are_faults(folder):
    with pytest.raises(ValueError, match=r"expected the image 'old/a\.jpg' in .*, found none; did you mean a\.png\?"):
        folder.find("old/a.jpg")
    with pytest.raises(ValueError, match=r"expected one image 'b\.png', got y/b\.png, z/b\.png"):
        folder.find("b.png")


def test_stems_are_found_as_names_are(folder):
    assert folder.find_by_stem("labels/y/b").key == "y/b.png"
    assert folder.find_by_stem("gt_r 1", "r 1").key == "r 1.jpg"
    assert folder.find_by_stem("a.png").key == "a.png"  # a label file called a.png.txt
    assert [image.key for image in folder.unnamed()] == ["x/a.png", "z/b.png", unicodedata.normalize("NFD", "합계.png")]
