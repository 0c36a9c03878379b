"""From a region of pixels to the word's polygon."""

import cv2
import numpy as np
import pytest
import shapely

from ocr.geometry import order_clockwise
from ocr.postprocess.regions import find_regions
from ocr.postprocess.unclip import regions_to_polygons, regions_to_quads
from tests.oracles.polygons import bent_line, box, iou, tilted_box
from tests.oracles.published_postprocess import OURS, published_postprocess


def only_region(values):
    region = find_regions(values.astype(np.float32), 0.3, 0.4, 500)
    assert len(region.pixels) == 1
    return region


def region_to_quad(region, unclip, amount):
    (quad,) = regions_to_quads(region, unclip, amount)
    return quad.astype(np.float32)


def region_to_polygon(region, unclip, amount, epsilon, rectangle_fill):
    (polygon,) = regions_to_polygons(region, unclip, amount, epsilon, rectangle_fill)
    return polygon.astype(np.float32)


def block(left, top, right, bottom):
    values = np.zeros((300, 2800), np.float32)
    values[top:bottom, left:right] = 1.0
    return only_region(values)


def test_the_exact_distance_by_hand():
    # 40 x 20 shrinks by 800 * 0.84 / 120 = 5.6 to 28.8 x 8.8. Of the region 29 x 9 is left on the pixel grid:
    # 4 * 1.16 d² + 76 * 0.16 d - 0.84 * 261 = 0, so d = 5.687 and the height is 9 + 11.37.
    for polygon in (
        region_to_quad(block(10, 20, 39, 29), "exact", 0.4),
        region_to_polygon(block(10, 20, 39, 29), "exact", 0.4, 1.0, np.inf),
    ):
        expected = box(10 - 5.687, 20 - 5.687, 39 + 5.687, 29 + 5.687)
        np.testing.assert_allclose(order_clockwise(polygon), expected, atol=3e-3)


# Boxes whose shrunk box has whole pixels. 1 : 1: D = 0.21 of the height, 3 : 1: 0.315, 10 : 1: 0.3818.
@pytest.mark.parametrize(
    ("label_height", "width", "height", "by_ratio"),
    [(100, 58, 58, 1.015), (200, 474, 74, 0.850), (275, 2540, 65, 0.582)],
    ids=["1 : 1", "3 : 1", "10 : 1"],
)
def test_the_table_of_unclipping(label_height, width, height, by_ratio):
    region = block(200, 200, 200 + width, 200 + height)
    for convert in (region_to_quad, lambda *values: region_to_polygon(*values, 1.0, np.inf)):
        assert np.ptp(convert(region, "ratio", 1.5)[:, 1]) / label_height == pytest.approx(by_ratio, abs=5e-4)
        assert np.ptp(convert(region, "exact", 0.4)[:, 1]) / label_height == pytest.approx(1.0, abs=5e-4)


@pytest.mark.parametrize("degrees", [0.0, 5.0, 30.0, 45.0, 80.0])
def test_a_tilted_rectangle_is_not_grown_by_a_whole_pixel(degrees):
    values = np.zeros((200, 300), np.uint8)
    rows, columns = np.mgrid[0:200, 0:300] + 0.5
    along, across = np.array([[np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]]).T
    x, y = (columns - 150) * along + (rows - 100) * across, (rows - 100) * along - (columns - 150) * across
    values[(np.abs(x) <= 60) & (np.abs(y) <= 10)] = 1
    quad = region_to_quad(only_region(values), "ratio", 0.0)
    sides = sorted(cv2.minAreaRect(quad)[1])
    assert sides == pytest.approx([20.0, 120.0], abs=0.6)
    assert iou(quad, tilted_box(150, 100, 120, 20, degrees)) > 0.96


@pytest.mark.parametrize(
    ("right", "bottom"), [(40, 26), (11, 21), (40, 21), (11, 60)], ids=["a word", "one pixel", "a row", "a column"]
)
def test_half_a_pixel_is_added_back_on_each_side(right, bottom):
    region, expected = block(10, 20, right, bottom), box(10, 20, right, bottom)
    np.testing.assert_allclose(order_clockwise(region_to_quad(region, "ratio", 0.0)), expected, atol=1e-4)
    polygon = region_to_polygon(region, "ratio", 0.0, 1.0, np.inf)
    np.testing.assert_allclose(order_clockwise(polygon), expected, atol=2e-3)


def test_a_bent_line_needs_the_polygon_which_a_larger_epsilon_simplifies():
    label = bent_line(150, 60, 200, 24, 50)
    values = np.zeros((200, 300), np.uint8)
    cv2.fillPoly(values, [np.rint(label).astype(np.int32)], 1)
    region = only_region(values)
    assert iou(region_to_polygon(region, "ratio", 0.0, 1.0, 0.8), label) > 0.9
    assert iou(region_to_quad(region, "ratio", 0.0), label) < 0.6
    counts = [len(region_to_polygon(region, "exact", 0.4, epsilon, 0.8)) for epsilon in (0.0, 1.0, 4.0)]
    assert counts[0] > counts[1] > counts[2] >= 4


def test_a_bay_that_closes_is_filled():
    # A "U" whose arms, 10 px wide, are 4 px apart: moved out by more than 2 px they touch, and the bay is gone.
    values = np.zeros((100, 100), np.float32)
    values[20:60, 20:44] = 1.0
    values[20:50, 30:34] = 0.0
    polygon = region_to_polygon(only_region(values), "ratio", 1.5, 1.0, np.inf)
    (found,) = published_postprocess(values, "polygon", OURS._replace(rectangle_fill=np.inf, exact_unclip=False))
    assert iou(polygon, found.polygon) > 0.99
    assert iou(polygon, cv2.boxPoints(cv2.minAreaRect(polygon))) > 0.97


def test_no_more_than_half_a_pixel_is_added_back_whatever_simplifying_took():
    values = np.zeros((100, 100), np.float32)
    cv2.circle(values, (50, 50), 30, 1.0, cv2.FILLED)
    region = only_region(values)
    corners = cv2.approxPolyDP(region.contours.points.astype(np.int32), 6.0, closed=True).reshape(-1, 2)
    ring = shapely.Polygon(corners + 0.5)
    assert ring.area + ring.length / 2 < region.pixels[0] - 100  # half a pixel does not make up for it
    polygon = region_to_polygon(region, "ratio", 0.0, 6.0, np.inf)
    expected = ring.buffer(0.5, join_style="mitre")
    assert shapely.Polygon(polygon).symmetric_difference(expected).area < 0.01 * ring.length
