"""What a split means."""

import pytest

from ocr.cross_validation.random_splits import read_fractions


@pytest.mark.parametrize(
    ("split", "fractions"),
    [
        (None, None),
        ("val", None),
        ("0.8,0.1,0.1", [0.8, 0.1, 0.1]),
        ("[0.5, 0.5]", [0.5, 0.5]),
        ([0.9, 0, 0.1], [0.9, 0, 0.1]),
    ],
)
def test_a_split_is_a_name_or_fractions(split, fractions):
    assert read_fractions(split) == fractions


@pytest.mark.parametrize("split", ["0.8,0.1", "1", "0.5,0.6,-0.1", "0.25,0.25,0.25,0.25", "../val", "a,b", []])
def test_other_splits_are_refused(split):
    with pytest.raises(ValueError, match=r"expected (fractions of train, val, test that sum to 1, such|split to be)"):
        read_fractions(split)
