"""A file is found under the Unicode form that its system gave its name."""

import re
import unicodedata

import pytest

from baseline_code.files.names import default_output, find_file, is_path_below, is_plain_file_name, rename_like

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "영수증_é.jpg") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("written", "stored"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED), (COMPOSED, COMPOSED)])
def test_a_name_in_another_form_is_found(tmp_path, written, stored):
    (tmp_path / stored).touch()
    assert find_file(tmp_path / written) == tmp_path / stored


def test_a_folder_and_a_mixed_form_are_found(tmp_path):
    mixed = COMPOSED[:2] + DECOMPOSED[unicodedata.normalize("NFD", COMPOSED[:2]).__len__() :]
    folder = tmp_path / DECOMPOSED
    folder.mkdir()
    (folder / mixed).touch()
    assert find_file(tmp_path / COMPOSED / DECOMPOSED) == folder / mixed


def test_what_is_not_there_stays_as_it_is_written(tmp_path):
    assert find_file(tmp_path / "a.jpg") == tmp_path / "a.jpg"
    assert find_file(tmp_path / COMPOSED) == tmp_path / COMPOSED
    (tmp_path / "영수.jpg").touch()
    assert find_file(tmp_path / COMPOSED) == tmp_path / COMPOSED
    assert find_file(tmp_path / "gone" / COMPOSED) == tmp_path / "gone" / COMPOSED


def test_names_take_the_form_that_a_list_has():
    assert rename_like({DECOMPOSED: 1, "a": 2}, [COMPOSED, "b"]) == {COMPOSED: 1, "a": 2}
    assert list(rename_like({"z": 0, DECOMPOSED: 1}, [COMPOSED, "z"])) == ["z", COMPOSED]
    assert rename_like({COMPOSED: 1, DECOMPOSED: 2}, [COMPOSED]) == {COMPOSED: 1, DECOMPOSED: 2}


@pytest.mark.parametrize("name", ["a.jpg", "a/b.jpg", "a b/한글.jpg", "\udcff.jpg", "x" * 255, "..a.jpg"])
def test_a_name_below_a_folder_is_one(name):
    assert is_path_below(name)
    assert is_plain_file_name(name) == ("/" not in name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/a.jpg", "../a.jpg", "a/../../b.jpg", "..\\a.jpg", "a\0.jpg", "\ud800.jpg", "x" * 256, "é" * 128],
)
def test_a_name_that_leads_elsewhere_or_that_no_system_has_is_none(name):
    assert not is_path_below(name)
    assert not is_plain_file_name(name)


def test_an_output_that_nobody_named_has_the_time_in_its_name():
    time = r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d"
    assert re.fullmatch(f"submissions/{time}", default_output())
    assert re.fullmatch(f"submissions/kfold_{time}", default_output("kfold_"))
