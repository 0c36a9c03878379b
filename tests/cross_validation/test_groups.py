"""Pairs become groups, and users may give their own."""

import pytest

from ocr.cross_validation.groups import join_groups, pairs_of_equal, read_group_keys


def test_pairs_join_also_through_others_in_any_order():
    pairs = [(0, 9), (3, 4), (9, 3), (5, 6), (8, 8)]
    assert join_groups(10, pairs) == join_groups(10, pairs[::-1]) == [[0, 3, 4, 9], [1], [2], [5, 6], [7], [8]]
    assert join_groups(3, []) == [[0], [1], [2]]
    assert join_groups(0, []) == []
    assert pairs_of_equal(["a", "b", "a", "a", "c"]) == [(0, 2), (0, 3)]


def test_a_regular_expression_groups_by_its_bracket_or_by_all_of_it():
    names = ["shop1_001.jpg", "shop1_002.jpg", "shop2_001.jpg"]
    assert read_group_keys(r"^(\w+)_", names) == ["shop1", "shop1", "shop2"]
    assert read_group_keys(r"shop\d", names) == ["shop1", "shop1", "shop2"]


def test_a_table_groups_by_its_columns(tmp_path):
    table = tmp_path / "groups.csv"
    table.write_text("group,filename\nx,b.png\ny,a.png\nx,c.png\n")
    assert read_group_keys(str(table), ["a.png", "b.png", "c.png"]) == ["y", "x", "x"]


def test_images_without_a_group_and_a_broken_expression_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"got none for 1 of 2, such as lonely\.jpg"):
        read_group_keys(r"^(\w+)_", ["shop1_1.jpg", "lonely.jpg"])
    table = tmp_path / "groups.csv"
    table.write_text("filename,group\na.png,x\n")
    with pytest.raises(ValueError, match=r"got none for 1 of 2, such as b\.png"):
        read_group_keys(str(table), ["a.png", "b.png"])
    with pytest.raises(ValueError, match=r"expected group to be a regular expression or a \.csv, got '\('"):
        read_group_keys("(", ["a"])


@pytest.mark.parametrize(
    ("content", "message"), [(None, "found no file there"), ("name,kind\na,b\n", "expected the columns filename and")]
)
def test_a_table_that_is_none_is_refused(tmp_path, content, message):
    table = tmp_path / "groups.csv"
    if content is not None:
        table.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_group_keys(str(table), ["a"])
