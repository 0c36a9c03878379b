"""DBNet's post-processing: a probability map to word polygons in the original image."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ocr.geometry import (
    clip_polygon,
    flip_horizontal,
    order_clockwise,
    polygon_area,
    scaling,
    signed_area,
    transform_polygon,
    translation,
)
from ocr.geometry.packed import pack_polygons
from ocr.postprocess import DBPostProcess
from ocr.postprocess.db_postprocess import to_original_frame
from tests.oracles.polygons import bent_line, box, tilted_box

IDENTITY = np.eye(3)
MODES = pytest.mark.parametrize("mode", ["quad", "polygon"])


def painted(*patches, height=100, width=200):
    """A map of zeros with (left, top, right, bottom, value) blocks."""
    values = np.zeros((height, width), np.float32)
    for left, top, right, bottom, value in patches:
        values[top:bottom, left:right] = value
    return values


def raw(**settings):
    """Post-processing that leaves the regions as they are: a ratio of 0 moves nothing."""
    return DBPostProcess(unclip="ratio", unclip_ratio=0.0, **settings)


@MODES
@pytest.mark.parametrize(
    ("matrix", "size", "expected"),
    [
        (translation(5, 0) @ scaling(2, 3), (400, 300), box(45, 30, 125, 48)),
        (flip_horizontal(200), (200, 100), box(140, 10, 180, 16)),
        (IDENTITY, (50, 100), box(20, 10, 50, 16)),  # each border cuts in its own direction
        (IDENTITY, (100, 13), box(20, 10, 60, 13)),
    ],
    ids=["moved", "flipped", "narrow", "low"],
)
def test_a_region_is_mapped_to_the_original_frame_clockwise(mode, matrix, size, expected):
    detections = raw(mode=mode)(painted((20, 10, 60, 16, 0.75)), matrix, *size)
    np.testing.assert_allclose(detections.polygons, [expected], atol=1e-2)
    np.testing.assert_allclose(detections.scores, [0.75])
    assert detections.scores.dtype == detections.polygons[0].dtype == np.float32
    assert signed_area(detections.polygons[0]) > 0


@MODES
@pytest.mark.parametrize("best", ["top", "bottom"])
def test_the_best_candidates_stay_in_descending_order_wherever_they_lie(mode, best):
    top, bottom, middle = (10, 5, 60, 11), (10, 85, 60, 91), (100, 40, 150, 46)
    scores = (0.9, 0.5) if best == "top" else (0.5, 0.9)
    values = painted((*top, scores[0]), (*middle, 0.7), (*bottom, scores[1]))
    detections = raw(mode=mode, max_candidates=2)(values, IDENTITY, 200, 100)
    np.testing.assert_allclose(detections.scores, [0.9, 0.7], rtol=1e-6)
    expected = [box(*(top if best == "top" else bottom)), box(*middle)]
    np.testing.assert_allclose(detections.polygons, expected, atol=1e-2)
    nothing = raw(mode=mode)(painted(), IDENTITY, 200, 100)
    assert (nothing.polygons, nothing.scores.shape) == ([], (0,))


@MODES
def test_the_same_map_in_bytes_and_words_gives_the_same(mode):
    values = painted((20, 10, 60, 16, 0.8), (100, 10, 160, 16, 0.6), (20, 60, 60, 66, 0.2))
    process = DBPostProcess(mode=mode)
    expected = process(values, IDENTITY, 200, 100)
    assert len(expected.polygons) == 2
    for dtype, full in ((np.uint8, 255), (np.uint16, 65535)):
        found = process(np.rint(values * full).astype(dtype), IDENTITY, 200, 100)
        np.testing.assert_array_equal(found.polygons, expected.polygons)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1 / full)


@MODES
def test_polygons_are_clipped_to_the_image_and_dropped_outside_of_it(mode):
    values = painted((2, 2, 42, 12, 0.9), (180, 40, 198, 50, 0.8), (100, 80, 160, 90, 0.7))
    detections = DBPostProcess(mode=mode)(values, IDENTITY, 150, 79)
    # The third region reaches up by some 9 px, into the image; the second lies right of it.
    np.testing.assert_allclose(detections.scores, [0.9, 0.7], rtol=1e-6)
    for polygon in detections.polygons:
        assert polygon.min() >= 0
        assert (polygon <= [150, 79]).all()
        assert polygon_area(polygon) > 0
        assert len(polygon) >= 4
    assert detections.polygons[0].min(axis=0).tolist() == [0, 0]


def test_a_quad_surrounds_a_bent_region_and_a_polygon_follows_it():
    values = painted((20, 10, 60, 16, 0.9), (20, 16, 26, 60, 0.9))  # 40 x 6 and 6 x 44: 504 of 40 x 50 pixels
    (quad,) = raw(mode="quad")(values, IDENTITY, 200, 100).polygons
    (polygon,) = raw(mode="polygon")(values, IDENTITY, 200, 100).polygons
    assert len(quad) == 4
    assert polygon_area(quad) > 1000
    assert polygon_area(polygon) == pytest.approx(504, rel=0.05)


@MODES
def test_a_corner_that_the_border_cuts_off_has_four_points(mode):
    rows, columns = np.mgrid[0:100, 0:200]
    diamond = np.where(np.abs(columns - 50) + np.abs(rows - 50) <= 12, np.float32(0.9), np.float32(0.0))
    # Only its right corner is in the image: from x = 56 to about 63, up and down by as much.
    detections = raw(mode=mode)(diamond, translation(-56, 0), 200, 100)
    assert [len(polygon) for polygon in detections.polygons] == [4]
    assert polygon_area(detections.polygons[0]) == pytest.approx(7 * 7, abs=8)


@MODES
def test_exact_unclipping_reads_the_shrink_ratio_and_the_other_the_unclip_ratio(mode):
    values = painted((50, 40, 110, 50, 0.9))

    def height(**settings):
        return float(np.ptp(DBPostProcess(mode=mode, **settings)(values, IDENTITY, 200, 100).polygons[0][:, 1]))

    assert height(unclip="exact", shrink_ratio=0.4) > height(unclip="exact", shrink_ratio=0.6) > 10
    assert height(unclip="exact", unclip_ratio=3.0) == height(unclip="exact")
    assert height(unclip="ratio", unclip_ratio=2.0) > height(unclip="ratio", unclip_ratio=1.5) > 10
    assert height(unclip="ratio", shrink_ratio=0.6) == height(unclip="ratio")


def noisy_words(seed):
    """Forty words whose probabilities differ within and between them."""
    rng = np.random.default_rng(seed)
    words = [(20 + 100 * (i % 4), 20 + 40 * (i // 4), 90 + 100 * (i % 4), 32 + 40 * (i // 4)) for i in range(40)]
    values = painted(*((*word, rng.uniform(0.35, 1.0)) for word in words), height=420, width=420)
    return (values * rng.uniform(0.9, 1.0, values.shape)).astype(np.float32)


@MODES
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_a_higher_box_threshold_leaves_the_first_ones_of_a_lower(mode, dtype):
    values = noisy_words(0)
    values = values if dtype is np.float32 else np.rint(values * 255).astype(dtype)
    every = DBPostProcess(mode=mode, box_thresh=0.0, max_candidates=35)(values, IDENTITY, 400, 400)
    assert len(every.scores) == 35
    for box_thresh in [*np.linspace(0, 1, 21).tolist(), *every.scores.tolist()]:
        some = DBPostProcess(mode=mode, box_thresh=box_thresh, max_candidates=35)(values, IDENTITY, 400, 400)
        count = int((every.scores >= box_thresh).sum())
        np.testing.assert_array_equal(some.scores, every.scores[:count])
        assert all(np.array_equal(*pair) for pair in zip(some.polygons, every.polygons[:count], strict=True))


@MODES
def test_threads_read_maps_as_one_thread_does(mode):
    process, maps = DBPostProcess(mode=mode), [noisy_words(seed) for seed in range(8)]
    expected = [process(values, IDENTITY, 400, 400) for values in maps]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda values: process(values, IDENTITY, 400, 400), maps))
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)
        assert all(np.array_equal(*pair) for pair in zip(one.polygons, other.polygons, strict=True))


def test_the_defaults_are_the_published_ones_but_for_the_stated_departures():
    expected = {"mode": "polygon", "thresh": 0.3, "box_thresh": 0.4, "max_candidates": 500, "min_size": 2.0}
    expected |= {"unclip": "exact", "unclip_ratio": 1.5, "shrink_ratio": 0.4, "epsilon": 1.0, "rectangle_fill": 0.8}
    assert vars(DBPostProcess()) == expected


@MODES
@pytest.mark.parametrize(
    ("patch", "settings", "count"),
    [
        ((20, 10, 60, 16), {"unclip": "ratio", "unclip_ratio": 0.0, "min_size": 5.9}, 1),  # 40 x 6
        ((20, 10, 60, 16), {"unclip": "ratio", "unclip_ratio": 0.0, "min_size": 6.1}, 0),
        ((50, 50, 51, 51), {}, 0),  # a pixel unclips to 1.7 px
        ((50, 50, 51, 51), {"min_size": 0.0}, 1),
        ((20, 10, 60, 11), {}, 1),  # a row of forty, by 1.63 px a side, to 4.3 px
    ],
)
def test_the_shorter_side_is_compared_with_the_least_size(mode, patch, settings, count):
    found = DBPostProcess(mode=mode, **settings)(painted((*patch, 0.9)), IDENTITY, 200, 100)
    assert len(found.polygons) == count


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "box"}, 'expected mode "polygon" or "quad", got \'box\''),
        ({"unclip": "fixed"}, 'expected unclip "exact" or "ratio", got \'fixed\''),
        ({"thresh": 1.5}, r"expected thresh in \[0, 1\], got 1.5"),
        ({"box_thresh": -0.1}, r"expected box_thresh in \[0, 1\], got -0.1"),
        ({"max_candidates": 0}, "expected max_candidates of at least 1, got 0"),
        ({"shrink_ratio": 0.0}, r"expected a shrink_ratio in \(0, 1\], got 0.0"),
        ({"unclip_ratio": -1.0}, "expected unclip_ratio >= 0, got -1.0"),
        ({"epsilon": -1.0}, "expected epsilon >= 0, got -1.0"),
        ({"min_size": float("nan")}, "expected min_size >= 0, got nan"),
    ],
)
def test_settings_out_of_range_are_refused_and_its_ends_are_taken(settings, message):
    with pytest.raises(ValueError, match=message):
        DBPostProcess(**settings)
    DBPostProcess(thresh=0.0, box_thresh=1.0, max_candidates=1, shrink_ratio=1.0, unclip_ratio=0.0, rectangle_fill=0.0)
    DBPostProcess(thresh=1.0, box_thresh=0.0, min_size=0.0, epsilon=0.0)


TURNED = np.array([[0.9, 0.1, 5.0], [-0.1, 0.8, 7.0], [0.0, 0.0, 1.0]])
MIRRORED = flip_horizontal(200)
POLYGONS = [box(20, 10, 60, 16)[::-1], tilted_box(100, 50, 40, 12, 30), bent_line(120, 80, 60, 10, 8), box(1, 1, 5, 3)]


@pytest.mark.parametrize("matrix", [IDENTITY, TURNED, MIRRORED, translation(-70, -30), translation(500, 0)])
def test_each_polygon_is_moved_clipped_and_ordered(matrix):
    expected = [clip_polygon(transform_polygon(points, matrix), 200, 100) for points in POLYGONS]
    for polygon, clipped in zip(to_original_frame(pack_polygons(POLYGONS), matrix, 200, 100), expected, strict=True):
        assert (polygon is None) == (clipped is None)
        if polygon is not None:
            np.testing.assert_array_equal(polygon, order_clockwise(clipped))
            assert polygon.dtype == np.float32


def test_a_polygon_without_an_area_is_left_out_and_a_triangle_gets_a_fourth_point():
    line, triangle = np.array([[1, 1], [5, 1], [9, 1], [5, 1]]), np.array([[0, 0], [10, 0], [0, 4]])
    no_line, quad = to_original_frame(pack_polygons([line, triangle]), IDENTITY, 200, 100)
    assert no_line is None
    assert quad.tolist() == [[0, 0], [10, 0], [5, 2], [0, 4]]
    assert to_original_frame(pack_polygons([]), IDENTITY, 200, 100) == []
    with pytest.raises(ValueError, match=r"expected a \(3, 3\) matrix"):
        DBPostProcess()(painted(), IDENTITY[:2], 200, 100)  # even where nothing is found
