"""Two commands never write to one file or folder at a time, and none replaces a file unasked."""

import pytest

from baseline_code.files.claims import Claim, claimed, refuse_overwrite


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_one_command_writes_is_refused_to_another_and_no_lock_is_left(tmp_path, kind):
    path = tmp_path / "out"
    if kind == "folder":
        path.mkdir()
    with claimed(path), pytest.raises(FileExistsError, match="out is being written by another command: choose another"):
        Claim(path)
    Claim(path, "wait").let_go()
    assert [found.name for found in tmp_path.rglob("*")] == (["out"] if kind == "folder" else [])


def test_what_is_there_is_replaced_only_where_that_is_asked_for(tmp_path):
    refuse_overwrite(tmp_path / "new.csv", overwrite=False)
    (tmp_path / "old.csv").touch()
    refuse_overwrite(tmp_path / "old.csv", overwrite=True)
    with pytest.raises(FileExistsError, match=r"old\.csv is there already: choose another output=, or set overwrite="):
        refuse_overwrite(tmp_path / "old.csv", overwrite=False)
