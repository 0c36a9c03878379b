"""Files are written whole or not at all."""

import os

import pytest

from baseline_code.files.atomic import write_bytes_atomic, write_text_atomic


def test_the_content_is_there_and_nothing_else(tmp_path):
    write_text_atomic(tmp_path / "new" / "a.txt", "합계\r\n1\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "합계\r\n1\n".encode()
    write_bytes_atomic(tmp_path / "new" / "a.txt", b"\x00\xff")
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"\x00\xff"
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["a.txt"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt("stop")])
def test_a_failure_and_an_interrupt_leave_the_old_file_and_no_other(tmp_path, monkeypatch, step, error):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*_):
        raise error

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (type(path), "replace")), fail)
    with pytest.raises(type(error), match=str(error)):
        write_text_atomic(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_in_the_way_is_an_error(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_text_atomic(tmp_path / "a.txt", "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")
def test_permissions_and_links_stay(tmp_path):
    plain, private, link = tmp_path / "plain", tmp_path / "private", tmp_path / "link"
    previous = os.umask(0o022)
    try:
        write_text_atomic(plain, "new")
    finally:
        os.umask(previous)
    assert plain.stat().st_mode & 0o777 == 0o644  # readable by others, as any new file
    private.write_text("old")
    private.chmod(0o600)
    link.symlink_to(private)
    write_text_atomic(link, "new")
    assert link.is_symlink()
    assert private.read_text() == "new"
    assert private.stat().st_mode & 0o777 == 0o600
