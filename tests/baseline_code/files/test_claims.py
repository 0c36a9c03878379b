"""Two commands never write to one file or folder at a time, and none replaces a file unasked, or one of others."""

import json

import pytest

from baseline_code.files.claims import Claim, Manifest, claimed, refuse_overwrite


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_one_command_writes_is_refused_to_another_and_no_lock_is_left(tmp_path, kind):
    path = tmp_path / "out"
    if kind == "folder":
        path.mkdir()
    with claimed(path), pytest.raises(FileExistsError, match="out is being written by another command: choose another"):
        Claim(path)
    Claim(path, "wait").release()
    assert [found.name for found in tmp_path.rglob("*")] == (["out"] if kind == "folder" else [])


def test_what_is_there_is_replaced_only_where_that_is_asked_for(tmp_path):
    refuse_overwrite(tmp_path / "new.csv", overwrite=False)
    (tmp_path / "old.csv").touch()
    refuse_overwrite(tmp_path / "old.csv", overwrite=True)
    with pytest.raises(FileExistsError, match=r"old\.csv is there already: choose another output=, or set overwrite="):
        refuse_overwrite(tmp_path / "old.csv", overwrite=False)


def test_what_the_command_reads_is_not_replaced_even_if_that_is_asked_for(tmp_path):
    (tmp_path / "read.csv").touch()
    (tmp_path / "link.csv").symlink_to("read.csv")
    read = {"predictions=": tmp_path / "none.csv", "annotations=": tmp_path / "read.csv"}
    refuse_overwrite(tmp_path / "none.csv", overwrite=False, read=read)
    for name in ("read.csv", "link.csv"):
        with pytest.raises(FileExistsError, match=r"csv: expected a file that the command does not read, got annot"):
            refuse_overwrite(tmp_path / name, overwrite=True, read=read)


def claim(folder, *files, overwrite=True):
    return Manifest(folder, {"seed": 1}).claim(files, overwrite=overwrite)


def test_a_later_run_may_overwrite_its_own_files_and_learns_which_are_stale(tmp_path):
    assert claim(tmp_path / "new", "a.txt", "b/c.txt", overwrite=False) == set()
    (tmp_path / "new/a.txt").touch()
    assert claim(tmp_path / "new", "a.txt", "d.txt") == {"b/c.txt"}
    noted = json.loads((tmp_path / "new/generated.json").read_text())
    assert noted == {"seed": 1, "files": ["a.txt", "b/c.txt", "d.txt"]}  # before any of them is written


def test_the_files_of_others_are_refused_and_stay_as_they_are(tmp_path):
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is there already: choose another output=, or set overwrite=true"):
        claim(tmp_path, "b.txt", overwrite=False)
    with pytest.raises(FileExistsError, match=r"expected only generated files in the way, got .*a\.txt"):
        claim(tmp_path, "a.txt")
    with pytest.raises(FileExistsError, match="to be a folder, got a file"):
        claim(tmp_path / "a.txt", "b.txt")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.txt", "mine")]
    assert claim(tmp_path, "b.txt") == set()


def test_a_manifest_cannot_lead_out_of_the_folder(tmp_path):
    names = ["../outside.txt", "images/../../outside.txt", str(tmp_path / "outside.txt"), "own.txt"]
    (tmp_path / "generated.json").write_text(json.dumps({"files": names}))
    assert claim(tmp_path) == {"own.txt"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3}', '{"files": [1]}'])
def test_a_broken_manifest_is_refused(tmp_path, text):
    (tmp_path / "generated.json").write_text(text)
    with pytest.raises(FileExistsError, match=r"expected a manifest of generated files, got .*generated\.json"):
        claim(tmp_path)
