"""Images listed in a CSV file."""

import numpy as np
import pytest

from baseline_code.datasets import CsvSource, SourceError
from tests.baseline_code.datasets.small_images import colour, write_images

NAMES = [f"{number}.jpg" for number in range(8)]
ROWS = [f"{name},{number % 2}" for number, name in enumerate(NAMES)]


def source(tmp_path, lines, names=NAMES, *, header="id,has_cactus", encoding="utf-8", **options):
    write_images(tmp_path / "images", names)
    (tmp_path / "images").mkdir(exist_ok=True)
    (tmp_path / "train.csv").write_text("\n".join([header, *lines]) + "\n", encoding=encoding)
    return CsvSource(tmp_path / "train.csv", tmp_path / "images", label_column="has_cactus", **options)


def labels_of(splits):
    return {
        name: split.classes[label]
        for split in splits
        if split
        for name, label in zip(split.names, split.labels, strict=True)
    }


def test_rows_become_labelled_images(tmp_path):
    splits = source(tmp_path, ROWS, val_fraction=0.25).load()
    assert (len(splits.train), len(splits.val), splits.test) == (6, 2, None)
    assert labels_of(splits) == {name: str(number % 2) for number, name in enumerate(NAMES)}
    read = splits.val.read(0)
    np.testing.assert_allclose(read, colour(NAMES.index(splits.val.names[0])), atol=3)


def test_other_columns_a_byte_order_mark_blanks_and_another_delimiter_do_not_matter(tmp_path):
    rows = [f"x; {number % 2} ;{name}" for number, name in enumerate(NAMES)][::-1]
    options = {"delimiter": ";", "encoding": "utf-8-sig", "classes": [1, 0]}  # numbers, as in a configuration
    splits = source(tmp_path, rows, header="note; has_cactus;id", **options).load()
    assert labels_of(splits) == {name: str(number % 2) for number, name in enumerate(NAMES)}
    assert splits.train.classes == ("1", "0")
    assert list(splits.train.names) == sorted(splits.train.names)  # nor does the order of the rows


def test_ids_may_lack_the_ending_contain_dots_and_folders(tmp_path):
    names = ["scan.v1.2.jpg", "scan.v1.3.png", "sub/a.jpg", "b.tar.png"]
    rows = ["scan.v1.2,0", "scan.v1.3.png,1", "sub/a,0", "b.tar,1"]
    labels = labels_of(source(tmp_path, rows, names, val_fraction=0.5).load())
    assert labels == {"scan.v1.2.jpg": "0", "scan.v1.3.png": "1", "sub/a.jpg": "0", "b.tar.png": "1"}


def test_a_quote_that_nothing_closes_never_swallows_rows(tmp_path):
    rows = [f"{row},fine" for row in ROWS]
    rows[2] = f'{ROWS[2]},"a note'
    message = r"train\.csv, from line 4 on: expected rows of a CSV file, got .*; close the quotes of each cell"
    with pytest.raises(SourceError, match=message):
        source(tmp_path, rows, header="id,has_cactus,note").load()
    rows[2] = f'{ROWS[2]},"a note, of\ntwo lines"'
    assert len(labels_of(source(tmp_path, rows, header="id,has_cactus,note").load())) == len(NAMES)


def test_missing_images_are_all_counted_and_five_named(tmp_path):
    rows = [f"absent{number},{number % 2}" for number in range(7)]
    message = r"for each of the 15 ids, got none for 7: absent0, absent1, .*, absent4 and 2 more \(with any"
    with pytest.raises(SourceError, match=message):
        source(tmp_path, ROWS + rows).load()


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("id,cactus", ROWS, r"expected one column 'has_cactus' \(label_column\), got none among 'id', 'cactus'"),
        ("name,has_cactus", ROWS, r"expected one column 'id' \(id_column\), got none among 'name', 'has_cactus'"),
        ("id,has_cactus,id", ROWS, "got more than one among 'id', 'has_cactus', 'id'"),
        ("", [], "got none among no columns"),
        ("id,has_cactus", [], "expected rows below the header, got none"),
        ("id,has_cactus", [*ROWS, "9.jpg", ",1"], "in every row, got 2 rows without one: line 10, 11"),
        ("id,has_cactus", [*ROWS, ROWS[3]], "expected each id once, got 1 more than once: 3.jpg"),
        ("id,has_cactus", [*ROWS, "3,1"], "expected each image once, got 1 more than once: 3.jpg"),
        ("id,has_cactus", ["0,1", "1,1"], "expected images of at least two classes, got only '1'"),
        ("id,has_cactus", [*ROWS[:3], "two,1"], r"got several for 1: two: two\.jpg or two\.png; write the ending"),
        ("id,has_cactus", [*ROWS, "../secret.png,1"], r"got none for 1: \.\./secret\.png"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, header, rows, message):
    write_images(tmp_path, ["secret.png"])  # above the folder of the images
    with pytest.raises(SourceError, match=r"train\.csv: " + ".*" + message):
        source(tmp_path, rows, [*NAMES, "two.jpg", "two.png"], header=header).load()


def test_files_that_are_no_table_and_unknown_classes_are_named(tmp_path):
    with pytest.raises(SourceError, match="expected the classes 0, 1, got the unknown maybe"):
        source(tmp_path, [*ROWS[:-1], "7.jpg,maybe"], classes=["0", "1"]).load()
    with pytest.raises(SourceError, match=r"none\.csv: expected a CSV file, got No such file"):
        CsvSource(tmp_path / "none.csv", tmp_path).load()
    with pytest.raises(SourceError, match=r"train\.csv: expected text in UTF-8, got byte 0"):
        source(tmp_path, ROWS, encoding="utf-16").load()
    (tmp_path / "train.csv").write_text("\n".join(["id,has_cactus", *ROWS]))
    with pytest.raises(SourceError, match=r"elsewhere: expected the folder of the images of .*train\.csv, got no such"):
        CsvSource(tmp_path / "train.csv", tmp_path / "elsewhere", label_column="has_cactus").load()
