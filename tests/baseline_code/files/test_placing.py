"""Files in a second place."""

import os

import pytest

from baseline_code.files.placing import check_places, place_file


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    return path


@pytest.mark.parametrize(("way", "done"), [("auto", "linked"), ("link", "linked"), ("copy", "copied")])
def test_a_file_is_put_into_new_folders_once(source, tmp_path, way, done):
    target = tmp_path / "x" / "y" / "a.bin"
    assert place_file(source, target, way) == done
    assert target.read_bytes() == b"abc"
    assert place_file(source, target, way) == "was there"


def test_what_a_symbolic_link_means_is_linked(source, tmp_path):
    (tmp_path / "link").symlink_to(source)
    place_file(tmp_path / "link", tmp_path / "b.bin", "auto")
    assert (tmp_path / "b.bin").samefile(source)
    assert not (tmp_path / "b.bin").is_symlink()


@pytest.mark.parametrize(("way", "done", "symbolic"), [("auto", "copied", False), ("link", "linked", True)])
def test_across_disks_it_is_copied_or_linked_by_name(source, tmp_path, monkeypatch, way, done, symbolic):
    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert place_file(source, tmp_path / "b.bin", way) == done
    assert (tmp_path / "b.bin").is_symlink() == symbolic


def test_another_file_in_the_way_is_named_and_the_same_content_is_not(source, tmp_path):
    (tmp_path / "same.bin").write_bytes(b"abc")
    check_places([(source, tmp_path / "same.bin"), (source, source), (source, tmp_path / "free.bin")])
    (tmp_path / "other.bin").write_bytes(b"abd")
    with pytest.raises(FileExistsError, match=r"other\.bin: another file is there already"):
        check_places([(source, tmp_path / "other.bin")])
