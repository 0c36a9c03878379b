"""Pixels and polygons go where the transform's matrix says, together."""

import time

import cv2
import numpy as np
import pytest
import shapely

from ocr.geometry import (
    clip_polygon,
    flip_horizontal,
    largest_simple_piece,
    polygon_area,
    rotation,
    scaling,
    to_opencv,
    transform_polygon,
    translation,
)
from ocr.label_maps.painting import build_targets
from ocr.label_maps.shrinking import prepare_polygons
from ocr.transforms.geometric import Letterbox, RandomTransform, Transform
from ocr.transforms.warping import PADDING_COLOUR, paste, warp_image, warp_polygons


def square(x, y, side):
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], dtype=np.float32)


def painted(polygon, width, height):
    """White where a pixel's centre lies inside the polygon, black elsewhere; borders of 8 x 8 samples."""
    fine = np.zeros((height * 8, width * 8), np.uint8)
    cv2.fillPoly(fine, [np.rint(polygon * 8 - 0.5).astype(np.int32)], 255)
    grey = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return np.repeat(grey[:, :, None], 3, axis=2)


def centre_of_mass(image):
    weights = np.abs(image[:, :, 0].astype(float))
    rows, columns = np.indices(weights.shape)
    return np.array([((columns + 0.5) * weights).sum(), ((rows + 0.5) * weights).sum()]) / weights.sum()


def on_black(image, transform, image_to_original=None):
    """The placed image, with padding as black as its background."""
    placed = warp_image(image, transform, image_to_original)
    outside = warp_image(np.zeros_like(image), transform, image_to_original)
    return np.where((outside > 0), 0, placed)


MATRICES = {
    "letterbox": scaling(0.5, 0.5),
    "enlarged": scaling(1.5, 1.5),
    "stretched": scaling(0.75, 1.25),
    "shifted by parts of a pixel": translation(3.3, -2.6),
    "turned": rotation(17.0, 100, 80),
    "turned and halved": translation(10, 5) @ rotation(-12.0, 40, 40) @ scaling(0.5, 0.5),
    "turned and at a third": translation(5, 9) @ rotation(8.0) @ scaling(0.3333, 0.3333),
    "turned and doubled": translation(-60, -50) @ rotation(5.0) @ scaling(2.0, 2.0),
    "flipped": flip_horizontal(200),
    "flipped and at 0.4": scaling(0.4, 0.4) @ flip_horizontal(200),
    "upside down": translation(0, 160) @ scaling(1, -1),
}


@pytest.mark.parametrize("name", MATRICES)
def test_a_small_bright_square_lands_where_the_matrix_says(name):
    matrix = MATRICES[name]
    image = np.zeros((160, 200, 3), np.uint8)
    image[64:72, 80:88] = 255  # centre (84, 68)
    placed = on_black(image, Transform(matrix, 256, 256))
    expected = (matrix @ [84.0, 68.0, 1.0])[:2]
    np.testing.assert_allclose(centre_of_mass(placed), expected, rtol=0, atol=0.1)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("padding", ["square", "multiple"])
def test_pixels_and_polygons_move_together(seed, padding):
    rng = np.random.default_rng(seed)
    polygon = np.array([[60, 70], [180, 50], [190, 110], [120, 90], [64, 120]], dtype=np.float32)  # not convex
    transform = RandomTransform(192, padding, scale=(0.6, 1.4), aspect=1.2, rotate=20.0, flip=0.5, shift=1.0)(
        240, 160, [polygon], rng
    )
    placed = on_black(painted(polygon, 240, 160), transform)[:, :, 0] >= 128
    (moved,) = warp_polygons([polygon], [False], transform).polygons
    drawn = painted(moved, transform.width_input, transform.height_input)[:, :, 0] >= 128
    assert (placed & drawn).sum() / (placed | drawn).sum() > 0.95


@pytest.mark.parametrize(("width", "height"), [(708, 1501), (1501, 708), (640, 400), (320, 320)])
def test_placing_into_a_letterbox_is_an_area_resize_into_the_top_left(width, height):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    placed = warp_image(image, Letterbox(320)(width, height))
    inner = (round(width * 320 / max(width, height)), round(height * 320 / max(width, height)))
    expected = np.full((320, 320, 3), PADDING_COLOUR, np.uint8)
    expected[: inner[1], : inner[0]] = cv2.resize(image, inner, interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(placed, expected)
    unaugmented = RandomTransform(320)(width, height, [], np.random.default_rng(0))
    np.testing.assert_array_equal(warp_image(image, unaugmented), expected)  # training sees what validation sees


def test_what_lies_outside_of_the_image_has_the_padding_colour():
    placed = warp_image(np.full((64, 64, 3), 255, np.uint8), Transform(rotation(45.0, 32, 32), 64, 64))
    for row, column in ((0, 0), (0, 63), (63, 0), (63, 63)):
        assert tuple(placed[row, column]) == PADDING_COLOUR
    assert tuple(placed[32, 32]) == (255, 255, 255)
    placed = warp_image(np.full((10, 10, 3), 9, np.uint8), Transform(translation(5, 7), 32, 32))
    expected = np.full((32, 32, 3), PADDING_COLOUR, np.uint8)
    expected[7:17, 5:15] = 9
    np.testing.assert_array_equal(placed, expected)


# A half and less are blurred once more, by the turn; sampled without smoothing: 30, 16, 7, 5.5, 4.
@pytest.mark.parametrize(("scale", "limit"), [(0.12, 9), (0.3, 9), (0.55, 3.5), (0.65, 3), (0.8, 3.5)])
def test_a_shrunk_and_turned_image_shows_the_mean_of_the_area_of_each_pixel(scale, limit):
    image = np.full((600, 600, 3), 230, np.uint8)
    for row in range(20, 580, 24):
        cv2.putText(
            image, "Total 12.50 EUR and 3 % off", (15, row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (40, 40, 60), 1, cv2.LINE_AA
        )
    matrix = translation(10, 4) @ rotation(4.0) @ scaling(scale)
    side = round(600 * scale)
    fine = cv2.warpAffine(image, to_opencv(scaling(8) @ matrix), (side * 8, side * 8), flags=cv2.INTER_LINEAR)
    expected = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA).astype(float)
    inside = slice(side // 6, side - side // 6)
    difference = warp_image(image, Transform(matrix, side, side))[inside, inside] - expected[inside, inside]
    assert np.sqrt((difference**2).mean()) < limit
    assert abs(difference.mean()) < 0.5


@pytest.mark.parametrize("reduction", [1, 2, 4])
@pytest.mark.parametrize("name", ["letterbox", "turned", "turned and halved", "flipped and at 0.4"])
def test_an_image_of_fewer_pixels_is_placed_as_the_whole_one_would_be(name, reduction):
    image = np.zeros((160, 200, 3), np.uint8)
    image[64:96, 80:112] = 255  # centre (96, 80)
    reduced = cv2.resize(image, (200 // reduction, 160 // reduction), interpolation=cv2.INTER_AREA)
    placed = on_black(reduced, Transform(MATRICES[name], 256, 256), scaling(reduction))
    expected = (MATRICES[name] @ [96.0, 80.0, 1.0])[:2]
    np.testing.assert_allclose(centre_of_mass(placed), expected, rtol=0, atol=0.1)


def test_a_letterbox_of_an_image_that_reaches_beyond_the_original_is_exact():
    """101 px decoded at a quarter are 26 px, 3 px too many: 101 px, not 104, go to 50 px."""
    image = np.zeros((26, 26, 3), np.uint8)
    image[20:24, 20:24] = 255  # in the original: centre (88, 88)
    placed = on_black(image, Transform(scaling(50 / 101), 64, 64), scaling(4))
    np.testing.assert_allclose(centre_of_mass(placed), [88 * 50 / 101] * 2, atol=0.05)


@pytest.mark.parametrize(("height", "width"), [(6, 8), (6, 3), (2, 8), (1, 1)])
def test_pasting_fills_the_canvas_with_the_image_and_the_padding_colour(height, width):
    image = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8)[:height, :width]
    canvases = np.zeros((3, 6, 8, 3), np.uint8)
    paste(image, canvases[1])
    np.testing.assert_array_equal(canvases[1, :height, :width], image)
    assert (canvases[1, height:] == PADDING_COLOUR).all()
    assert (canvases[1, :, width:] == PADDING_COLOUR).all()
    assert not canvases[[0, 2]].any()


def test_a_vertex_that_leaves_the_image_moves_no_other_polygon():
    # The window is x in 10..110: the first word loses its left quarter, the second lies outside, the third is whole.
    words = [square(6, 20, 16), square(-40, 20, 16), square(50, 20, 16)]
    placed = warp_polygons(words, [False, False, True], Transform(translation(-10, 0), 100, 100))
    assert len(placed.polygons) == 2
    np.testing.assert_allclose(placed.polygons[0], [[0, 20], [12, 20], [12, 36], [0, 36]])
    np.testing.assert_array_equal(placed.polygons[1], square(40, 20, 16))
    assert placed.ignore == [False, True]
    assert warp_polygons([], [], Transform(np.eye(3), 64, 64)) == ([], [])
    with pytest.raises(ValueError, match="shorter"):
        warp_polygons(words, [], Transform(np.eye(3), 64, 64))


@pytest.mark.parametrize(
    ("left", "settings", "ignored"),
    [
        (3, {}, False),
        (4, {}, False),
        (5, {}, True),
        (9, {}, True),
        (4, {"min_visible": 0.7}, True),
        (9, {"min_visible": 0.05}, False),
    ],
)
def test_a_word_of_which_less_than_min_visible_is_left_is_ignored(left, settings, ignored):
    # Of a 10 px wide word, `left` columns lie outside; 60 % visible is just enough.
    words, transform = [square(-left, 20, 10)] * 2, Transform(np.eye(3), 100, 100)
    placed = warp_polygons(words, [False, True], transform, **settings)
    assert placed.ignore == [ignored, True]
    assert shapely.Polygon(placed.polygons[0]).area == pytest.approx(100 if ignored else (10 - left) * 10)


# 60 x 10 px on two feet of 20 px, 20 and 10 px wide: 1,200 px².
ARCH = np.array([(20, 0), (80, 0), (80, 30), (70, 30), (70, 10), (40, 10), (40, 30), (20, 30)], np.float32)


@pytest.mark.parametrize("ignored", [False, True])
def test_a_bent_word_that_the_border_cuts_into_pieces_trains_with_none_of_them(ignored):
    # From y = 20 on only the feet are left, 200 and 100 px²: the larger one is 17 % of the word.
    placed = warp_polygons([ARCH], [ignored], Transform(translation(0, -20), 100, 100), min_visible=0.1)
    assert placed.ignore == [True]
    counts = build_targets(placed.polygons, placed.ignore, 100, 100).probability_mask[0] > 0
    assert np.flatnonzero(~counts[5]).tolist() == [*range(20, 40), *range(70, 80)]  # no foot is background


def test_a_bent_word_that_the_border_leaves_in_one_piece_trains():
    placed = warp_polygons([ARCH], [False], Transform(translation(0, -5), 100, 100))
    assert placed.ignore == [False]
    assert polygon_area(placed.polygons[0]) == 900  # 300 of the 600 px² above the feet


def has_several_lobes(polygon):
    if len(polygon) < 4:
        return False
    shape = shapely.Polygon(polygon)
    return not shape.is_valid and largest_simple_piece(polygon)[1] < 0.9


@pytest.mark.parametrize("x", [20, -9, 95])  # inside; cut by the left border; cut by the right one
def test_a_word_of_several_lobes_never_trains_as_one_of_them(x):
    row_by_row = square(x, 20, 10)[[0, 1, 3, 2]]
    placed = warp_polygons([row_by_row], [False], Transform(np.eye(3), 100, 100))
    assert placed.ignore == [True]
    np.testing.assert_array_equal(placed.polygons[0], row_by_row)  # both lobes are masked out, not one
    polygons = prepare_polygons(placed.polygons, placed.ignore)
    assert polygons.distances.tolist() == [0.0]


def test_a_word_of_a_thousand_crossing_points_is_placed_in_no_time():
    points = np.random.default_rng(0).uniform(-50, 150, (1000, 2)).astype(np.float32)
    started = time.perf_counter()
    assert warp_polygons([points], [False], Transform(np.eye(3), 100, 100)).ignore == [True]
    assert time.perf_counter() - started < 5.0


@pytest.mark.parametrize("seed", range(20))
def test_all_polygons_at_once_are_what_each_is_alone(seed):
    rng = np.random.default_rng(seed)
    polygons = [
        (rng.uniform(-30, 130, 2) + rng.uniform(-20, 20, (rng.integers(3, 15), 2))).astype(np.float32)
        for _ in range(30)
    ]
    polygons += [square(1, 1, 0), square(20, 30, 9)[[0, 2, 1, 3]], square(0, 0, 100), square(99.5, 20, 0.5)]
    polygons += [np.empty((0, 2), np.float32), square(3, 3, 3)[:2], np.float32([[5, 5], [50, 50], [90, 90]])]
    order = rng.permutation(len(polygons))
    polygons = [polygons[i] for i in order]
    ignore = (rng.random(len(polygons)) < 0.3).tolist()
    transform = Transform(translation(5, -3) @ rotation(7.0) if seed % 2 else np.eye(3), 120, 80)
    expected, flags = [], []
    for polygon, ignored in zip(polygons, ignore, strict=True):
        moved = transform_polygon(polygon, transform.original_to_input)
        clipped = clip_polygon(moved, 120, 80)
        box = shapely.box(*moved.min(axis=0), *moved.max(axis=0)) if len(moved) else shapely.Point()
        near = box.intersection(shapely.box(0, 0, 120, 80)).area > 0
        unsure = clipped is not moved or polygon_area(moved) <= 1e-3
        if unsure and near and has_several_lobes(moved):
            expected.append(moved)
            flags.append(True)
        elif clipped is not None:
            visible = shapely.make_valid(shapely.Polygon(moved)).intersection(shapely.box(0, 0, 120, 80)).area
            largest = 0.9 * visible if visible > 1e-3 else 0.0  # areas of a thousandth of a pixel are rounding
            is_cut = polygon_area(clipped) < max(0.6 * polygon_area(moved), largest)
            flags.append(ignored or (clipped is not moved and is_cut))
            expected.append(moved if flags[-1] else clipped)
    placed = warp_polygons(polygons, ignore, transform)
    assert placed.ignore == flags
    for ours, theirs in zip(placed.polygons, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
