"""What is searched."""

import pytest

from ocr.calibration import Axis, read_axes
from ocr.calibration.space import search_space, used_settings

AXES = {
    name: Axis(0.0, 1.0, 0.5)
    for name in ("thresh", "box_thresh", "unclip_ratio", "shrink_ratio", "min_size", "epsilon", "rectangle_fill")
}


@pytest.mark.parametrize(
    ("mode", "unclip", "others"),
    [
        ("polygon", "exact", ("shrink_ratio", "min_size", "epsilon", "rectangle_fill")),
        ("polygon", "ratio", ("unclip_ratio", "min_size", "epsilon", "rectangle_fill")),
        ("quad", "exact", ("shrink_ratio", "min_size")),
        ("quad", "ratio", ("unclip_ratio", "min_size")),
    ],
)
def test_only_what_the_mode_reads_is_searched(mode, unclip, others):
    assert used_settings(mode, unclip) == ("thresh", "box_thresh", *others)
    assert tuple(search_space({"mode": mode, "unclip": unclip}, AXES).others) == others


def test_an_axis_holds_both_ends_and_round_numbers():
    assert Axis(0.1, 0.5, 0.1).values == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert Axis(2.0, 2.0, 0.5).values == [2.0]


@pytest.mark.parametrize("values", [[0.5, 0.1, 0.1], [0.0, 1.0, 0.3], [0.0, 1.0, 0.0], [0.0, 1.0, -0.5]])
def test_an_axis_that_leads_nowhere_is_refused(values):
    with pytest.raises(ValueError, match=r"expected an axis \[low, high, step\] of whole steps up, got"):
        Axis(*values)


@pytest.mark.parametrize("values", [[0.1, 0.5], [0.1, 0.5, 0.1, 0.1], ["a", "b", "c"], None, [0.5, 0.1, 0.1]])
def test_a_list_that_is_no_axis_and_an_axis_that_is_missing_are_named(values):
    with pytest.raises(ValueError, match="min_size: expected an axis"):
        read_axes({"thresh": [0.1, 0.5, 0.1], "min_size": values})
    axes = {name: axis for name, axis in AXES.items() if name != "epsilon"}
    with pytest.raises(ValueError, match=r"got none for \['epsilon'\]"):
        search_space({"mode": "polygon", "unclip": "exact"}, axes)
