"""Training and validation must have no image in common; a name alone is none."""

import unicodedata

import pytest

from ocr.annotations.leaks import LeakError, check_no_leak, find_shared


def write(folder, **contents):
    folder.mkdir()
    for name, content in contents.items():
        (folder / f"{name}.jpg").write_bytes(content)
    return sorted(folder.iterdir())


def test_the_same_name_with_other_content_is_no_leak_but_told(tmp_path, caplog):
    train, val = write(tmp_path / "train", img_1=b"1", img_2=b"33"), write(tmp_path / "val", img_1=b"2", img_2=b"4")
    check_no_leak(train, val)
    assert "2 images have the name of a training image and other content: img_1.jpg, img_2.jpg" in caplog.text


def test_the_same_content_is_a_leak_whatever_the_name(tmp_path):
    train = write(tmp_path / "train", a=b"111", duplicate=b"222", b=b"333")
    check_no_leak(train, write(tmp_path / "others", c=b"789", d=b"12"))  # of the same size, or not
    check_no_leak(iter([]), iter(train))
    check_no_leak(train, [])
    val = write(tmp_path / "val", a=b"111", copy=b"222", other=b"444")
    named = r"got 2 of the same content: a\.jpg \(train: a\.jpg\), copy\.jpg \(train: duplicate\.jpg\);"
    with pytest.raises(LeakError, match=named):
        check_no_leak(train, val)


def test_the_first_five_are_listed_and_all_counted(tmp_path):
    contents = {f"p{number}": bytes([number]) for number in range(8)}
    with pytest.raises(LeakError, match="got 8 of the same content") as caught:
        check_no_leak(write(tmp_path / "train", **contents), write(tmp_path / "val", **contents))
    assert str(caught.value).count("train: ") == 5
    assert "p4.jpg) and 3 more; " in str(caught.value)
    assert "datasets.allow_leak=true" in str(caught.value)


def test_files_that_are_missing_are_compared_by_name_only(tmp_path):
    check_no_leak([tmp_path / "a.jpg"], [tmp_path / "b.jpg"])
    with pytest.raises(LeakError, match=r"a\.jpg"):
        check_no_leak([tmp_path / "a.jpg"], [tmp_path / "val/a.jpg"])


def test_names_of_missing_files_are_the_same_in_every_unicode_form(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "영수증.jpg") for form in ("NFC", "NFD"))
    assert find_shared([tmp_path / composed], [tmp_path / decomposed]) == [(decomposed, composed)]
