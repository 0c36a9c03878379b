"""Images are found by what labels call them."""

import unicodedata

import pytest
from PIL import Image

from ocr.annotations.formats.image_folder import ImageFolder
from ocr.annotations.formats.label_file import LabelFile


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


def near(folder, name):
    return LabelFile(folder.folder / name, name)


@pytest.mark.parametrize(
    ("label", "name", "key"),
    [
        ("x/a.json", "a.png", "x/a.png"),  # beside the label file, before the whole path
        ("x/a.json", "../a.png", "a.png"),  # exactly where it leads
        ("x/a.json", "C:\\scans\\a.png", "x/a.png"),  # a path of another computer: the name, beside the label file
        ("y/labels/b.json", "b.png", "y/b.png"),  # nearest
        ("labels/y/b.json", "b.png", "y/b.png"),  # in a folder of the same name
        ("z/b.json", "y/b.png", "y/b.png"),  # a folder that labels name counts
        ("y/a.json", "a.png", "a.png"),  # as near as x/a.png: the whole path
    ],
)
def test_the_folder_of_the_label_file_decides_which_image_is_meant(folder, label, name, key):
    assert folder.find(name, near=near(folder, label)).key == key
    assert folder.find_by_stem(name.removesuffix(".png"), near=near(folder, label)).key == key


def test_images_that_are_equally_near_are_a_fault(folder):
    with pytest.raises(ValueError, match=r"'b\.png', got y/b\.png, z/b\.png; name its folder in the labels, or by im"):
        folder.find("b.png", near=near(folder, "labels.json"))


def test_stems_are_found_as_names_are(folder):
    assert folder.find_by_stem("labels/y/b").key == "y/b.png"
    assert folder.find_by_stem("gt_r 1", "r 1").key == "r 1.jpg"
    assert folder.find_by_stem("a.png").key == "a.png"  # a label file called a.png.txt
    assert [image.key for image in folder.unnamed()] == ["x/a.png", "z/b.png", unicodedata.normalize("NFD", "합계.png")]
