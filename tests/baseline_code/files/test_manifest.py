"""A generator replaces its own files and no others."""

import json

import pytest

from baseline_code.files.manifest import Manifest


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
