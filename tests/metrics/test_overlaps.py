"""Areas of polygons and of what they have in common, against shapely's."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.geometry.packed import pack_polygons
from ocr.metrics.overlaps import overlap_ratios, shared_areas
from ocr.metrics.strips import cut_into_strips, strip_areas
from tests.oracles.polygons import bent_line, box, tilted_box
from tests.oracles.published_cleval import is_inside
from tests.small_data import block

coordinates = st.one_of(st.integers(0, 30).map(float), st.floats(0, 1300, width=32))
any_polygon = st.lists(st.tuples(coordinates, coordinates), min_size=4, max_size=9).map(
    lambda points: np.array(points, dtype=np.float32)
)
pages = st.lists(any_polygon, min_size=1, max_size=4)
fast = settings(max_examples=60, deadline=None)

BOX = box(0, 0, 10, 4)
BOW_TIE = BOX[[0, 2, 1, 3]]  # two triangles of 10 x 2 / 2, above each other
LINE = np.array([[0, 0], [5, 2], [10, 4], [5, 2]], np.float32)
TWICE_AROUND = np.concatenate([BOX, BOX])  # even-odd: nothing is inside
SPIKE = np.array([[0, 0], [10, 0], [10, 4], [20, 8], [10, 4], [0, 4]], np.float32)
DART = np.array([[0, 0], [10, 0], [3, 3], [0, 10]], np.float32)  # 10 x 10 / 2 less the triangle at (3, 3): 30


def region(polygon):
    """The even-odd region: those of the faces that the polygon cuts the plane into that lie inside by `is_inside`."""
    ring = shapely.unary_union(shapely.LineString([*polygon.astype(np.float64), polygon[0]]))
    faces = shapely.get_parts(shapely.polygonize([ring]))
    points = [face.representative_point() for face in faces]
    inside = [is_inside(point.x, point.y, polygon.astype(np.float64)) for point in points]
    return shapely.union_all(faces[inside])


def common_area(first, second):
    """(N, M) shared areas of all pairs."""
    wanted = np.ones((len(first), len(second)), np.bool_)
    return shared_areas(cut_into_strips(pack_polygons(first)), cut_into_strips(pack_polygons(second)), wanted)


def areas_of(polygons):
    return strip_areas(cut_into_strips(pack_polygons(polygons)))


@fast
@given(pages, pages)
def test_areas_equal_those_of_shapely_whatever_crosses(first, second):
    expected = [[shapely.intersection(region(one), region(other)).area for other in second] for one in first]
    np.testing.assert_allclose(common_area(first, second), expected, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(areas_of(first), [region(one).area for one in first], rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("degrees", [0, 17, 90, 153])
def test_winding_start_and_repeated_vertices_change_nothing(degrees):
    word, found = tilted_box(500, 300, 80, 20, degrees), bent_line(505, 303, 90, 25, 6)
    expected = region(word).intersection(region(found)).area
    for variant in (word, word[::-1], np.roll(word, 1, axis=0), np.repeat(word, 2, axis=0)):
        assert common_area([variant], [found])[0, 0] == pytest.approx(expected, rel=1e-12)
        assert common_area([found], [variant])[0, 0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("polygon", "area"),
    [(BOX, 40), (BOX[::-1], 40), (BOW_TIE, 20), (LINE, 0), (TWICE_AROUND, 0), (SPIKE, 40), (DART, 30)],
    ids=["box", "other way round", "bow tie", "line", "twice around", "spike", "dart"],
)
def test_the_area_of_a_polygon_is_that_of_its_even_odd_region(polygon, area):
    assert areas_of([polygon])[0] == pytest.approx(area, abs=1e-12)
    assert common_area([polygon], [box(-50, -50, 50, 50)])[0, 0] == pytest.approx(area, abs=1e-12)
    assert common_area([polygon], [box(50, 50, 60, 60)])[0, 0] == 0


@pytest.mark.parametrize(
    ("other", "area"),
    [
        (BOX, 40),
        (box(5, -3, 25, 17), 20),  # the right half
        (box(10, 0, 20, 4), 0),  # beside it
        (box(0, 4, 10, 8), 0),  # below it
        (box(2, 1, 5, 3), 6),  # inside it
        (box(-5, 3, 15, 9), 10),  # the last of its four rows
        (BOX[:, ::-1], 16),  # x and y swapped: 4 x 4
    ],
)
def test_upright_boxes_share_whole_areas_without_any_rounding(other, area):
    far = np.array([1203, 877], np.float32)
    assert common_area([BOX], [other]).tolist() == [[area]]
    assert common_area([BOX + far], [other + far]).tolist() == [[area]]


def test_pairs_that_are_not_wanted_share_nothing():
    strips = cut_into_strips(pack_polygons([BOX, BOX]))
    assert shared_areas(strips, strips, np.eye(2, dtype=np.bool_)).tolist() == [[40, 0], [0, 40]]


def test_where_there_is_no_polygon_there_is_no_pair():
    assert common_area([], [BOX]).shape == (0, 1)
    assert common_area([BOX], []).shape == (1, 0)
    assert areas_of([]).tolist() == []
    assert [table.shape for table in overlap_ratios(pack_polygons([]), pack_polygons([BOX]))] == [(0, 1)] * 3


# ---- ratios


def packed(*words):
    return pack_polygons([np.array(word, np.float32) for word in words])


def test_overlaps_are_over_the_union_over_the_first_and_over_the_second():
    """10 x 10 against its right half and 5 x 10 beyond: shared 50 of 150; against a quarter of it: 25 of 100."""
    first = packed(block(0, 0, 10, 10), block(100, 0, 4, 4))
    second = packed(block(5, 0, 10, 10), block(0, 0, 5, 5), block(50, 50, 3, 3))
    overlaps = overlap_ratios(first, second)
    assert overlaps.iou == pytest.approx(np.array([[1 / 3, 0.25, 0], [0, 0, 0]]))
    assert overlaps.of_first == pytest.approx(np.array([[0.5, 0.25, 0], [0, 0, 0]]))
    assert overlaps.of_second == pytest.approx(np.array([[0.5, 1, 0], [0, 0, 0]]))
