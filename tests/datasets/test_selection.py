"""What `images=` may be: a file, a folder, or a split of the data by its name."""

import pytest

from ocr.datasets.selection import select_images
from tests.small_data import write_split


@pytest.fixture
def root(tmp_path):
    write_split(tmp_path, "test", {"b.png": (40, 40, []), "a.png": (40, 40, [])})
    return tmp_path


def test_a_split_comes_in_the_order_of_its_labels_or_without_any_by_name(root, caplog):
    folder = root / "images/test"
    assert select_images("test", root) == (folder, ["b.png", "a.png"])
    assert caplog.text == ""
    (folder / "unlabelled.png").write_bytes(b"")
    (folder / "sub").mkdir()
    (folder / "sub/deeper.png").write_bytes(b"")
    for _ in range(2):  # said once
        assert select_images("test", root) == (folder, ["b.png", "a.png"])
    labels = root / "jsons/test.json"
    listed = f"left out 2 images that {labels} does not list: sub/deeper.png, unlabelled.png; images={folder} takes all"
    assert caplog.messages == [f"{folder}: {listed}"]
    (folder / "sub/deeper.png").unlink()
    (root / "jsons/test.json").unlink()
    assert select_images("test", root) == (root / "images/test", ["a.png", "b.png", "unlabelled.png"])


def test_a_file_is_one_image_whatever_its_ending_for_the_reader_to_judge(root):
    assert select_images(str(root / "images/test/a.png"), root) == (root / "images/test", ["a.png"])
    (root / "scan.bin").write_bytes(b"?")
    assert select_images(root / "scan.bin", root) == (root, ["scan.bin"])


def test_a_folder_gives_its_images_by_name_and_tells_what_else_it_holds(tmp_path, caplog):
    for name in ("b.JPG", "a.jpeg", "d.webp", "c.png", "e.tif", "notes.txt", "labels.json", ".hidden", "._a.jpeg"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "deeper").mkdir()
    assert select_images(tmp_path, tmp_path / "nowhere") == (tmp_path, ["a.jpeg", "b.JPG", "c.png", "d.webp", "e.tif"])
    assert "2 files left out: 2 (no image): labels.json, notes.txt" in caplog.text
    assert "1 sub-folders not looked into (recursive=true does): deeper" in caplog.text


def test_sub_folders_are_looked_into_where_that_is_asked_for(tmp_path, caplog):
    for name in ("b.jpg", "sub.png/a.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert select_images(tmp_path, tmp_path, recursive=True) == (tmp_path, ["b.jpg", "sub.png/a.jpg"])
    assert caplog.text == ""
    assert select_images(tmp_path, tmp_path).filenames == ["b.jpg"]  # a folder that is named like an image is none


def test_a_folder_wins_over_a_split_of_the_same_name(root, monkeypatch):
    (root / "elsewhere/test").mkdir(parents=True)
    (root / "elsewhere/test/mine.png").write_bytes(b"")
    monkeypatch.chdir(root / "elsewhere")
    assert select_images("test", root).filenames == ["mine.png"]


def test_nothing_of_that_name_is_an_error_that_says_what_would_do(root):
    with pytest.raises(FileNotFoundError, match=r"a file, a folder or a split of .* \(such as test\), got 'tset'$"):
        select_images("tset", root)


def test_data_of_another_machine_have_to_be_named(tmp_path):
    """A checkpoint brings the folder that it was trained on."""
    with pytest.raises(FileNotFoundError, match=r"got 'test'; there is no .*gone: datasets\.root=FOLDER says where"):
        select_images("test", tmp_path / "gone")


def test_a_folder_without_images_is_an_error(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ValueError, match=r"expected images \(.*\) in .*, found none; .* \(no image\): notes\.txt"):
        select_images(tmp_path, tmp_path)
