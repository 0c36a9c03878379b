"""Several views of an image as one map."""

from itertools import permutations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.geometry import flip_horizontal, rotation, scaling, translation
from ocr.probability_maps import Frame, MapView, fuse_views
from ocr.transforms.geometric import Letterbox
from tests.probability_maps.scene_views import centres, noise, plain_fusion, render, view_of

WIDTH, HEIGHT = 96, 64


def ramp(x, y):
    """Grows by 0.004 per px to the right and 0.006 per px downwards."""
    return 0.1 + 0.004 * x + 0.006 * y


def plain(levels):
    """A view of which the image fills all, of any size."""
    return MapView(levels, scaling(WIDTH / levels.shape[1], HEIGHT / levels.shape[0]))


def true_map(function, frame):
    return render(function, scaling(WIDTH / frame.width, HEIGHT / frame.height), *frame).astype(int)


@pytest.mark.parametrize("space", ["probability", "logit"])
def test_a_single_view_comes_back_to_the_bit(space):
    levels = noise(0, 48, 32)
    fused = fuse_views([plain(levels)], WIDTH, HEIGHT, space=space)
    assert fused.dtype == np.uint16
    np.testing.assert_array_equal(fused, levels)


def test_8_bits_become_16_exactly_and_floats_the_nearest_level():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(fuse_views([plain(levels)], WIDTH, HEIGHT), levels.astype(int) * 257)
    floats = levels.astype(np.float32) / 255
    np.testing.assert_array_equal(fuse_views([plain(floats)], WIDTH, HEIGHT), levels.astype(int) * 257)


def test_padding_is_cut_off_whatever_it_holds():
    view = Letterbox(64)(WIDTH, HEIGHT)  # 64 x 43 of 64 x 64
    padded = np.full((64, 64), 65535, np.uint16)
    padded[:43] = noise(1, 64, 43)
    matrix = np.linalg.inv(view.original_to_input)
    np.testing.assert_array_equal(fuse_views([MapView(padded, matrix)], WIDTH, HEIGHT), padded[:43])
    larger = fuse_views([MapView(padded, matrix)], WIDTH, HEIGHT, frame=Frame(128, 86))
    unpadded = fuse_views([plain(padded[:43])], WIDTH, HEIGHT, frame=Frame(128, 86))
    np.testing.assert_array_equal(larger, unpadded)


def test_a_mirrored_view_and_one_upside_down_are_turned_back_to_the_bit():
    levels = noise(2, 48, 32)
    padded = np.zeros((64, 64), np.uint16)
    padded[:32, :48] = levels[:, ::-1]
    mirrored = MapView(padded, flip_horizontal(WIDTH) @ scaling(2))
    turned = MapView(levels[::-1, ::-1].copy(), scaling(2) @ rotation(180, 24, 16))
    broken = MapView(None, None, 0.0)  # of weight 0: not read
    for views in ([mirrored], [plain(levels), mirrored], [turned], [broken, turned]):
        np.testing.assert_array_equal(fuse_views(views, WIDTH, HEIGHT), levels)


@pytest.mark.parametrize("size", [(48, 32), (144, 96), (100, 70), (37, 91)])
@pytest.mark.parametrize("frame", [Frame(96, 64), Frame(120, 50), Frame(61, 83)])
def test_a_ramp_stays_where_it_is_at_any_size(size, frame):
    matrix = scaling(WIDTH / size[0], HEIGHT / size[1])
    fused = fuse_views([view_of(ramp, matrix, *size)], WIDTH, HEIGHT, frame=frame).astype(int)
    x, y = centres(*frame)
    x, y = x * size[0] / frame.width, y * size[1] / frame.height
    inner = (x >= 0.5) & (x <= size[0] - 0.5) & (y >= 0.5) & (y <= size[1] - 0.5)
    assert np.abs(fused - true_map(ramp, frame))[inner].max() <= 1


@pytest.mark.parametrize("degrees", [-7, 3, 90, 200])
def test_a_ramp_stays_where_it_is_in_a_view_that_is_turned(degrees):
    matrix = np.linalg.inv(translation(90, 90) @ rotation(degrees) @ translation(-48, -32))
    fused = fuse_views([view_of(ramp, matrix, 180, 180)], WIDTH, HEIGHT, frame=Frame(WIDTH, HEIGHT)).astype(int)
    error = np.abs(fused - true_map(ramp, Frame(WIDTH, HEIGHT)))
    assert error[2:-2, 2:-2].max() <= 1
    assert error.max() <= 0.01 * 65535  # at the edge, less than a pixel of the ramp


def test_the_result_has_the_size_of_the_finest_view_that_counts():
    fine, coarse, ignored = plain(noise(0, 60, 40)), plain(noise(1, 30, 20)), plain(noise(2, 90, 60))
    assert fuse_views([coarse, fine, ignored._replace(weight=0)], WIDTH, HEIGHT).shape == (40, 60)
    assert fuse_views([coarse, fine], WIDTH, HEIGHT, frame=Frame(7, 5)).shape == (5, 7)
    turned = MapView(noise(3, 128, 128), np.linalg.inv(rotation(5) @ scaling(1.25)))
    assert fuse_views([turned, coarse], WIDTH, HEIGHT).shape == (80, 120)


def test_a_pixel_is_where_it_is_in_a_large_view_to_1_in_65535():
    """OpenCV's warps round positions to float32, 1e-4 px here: up to 7 levels between black and white pixels."""
    matrix, levels = rotation(3, 700, 700), noise(0, 1400, 1400)
    corner = MapView(levels[1200:, 1200:], matrix @ translation(1200, 1200))
    whole, alone = (fuse_views([view], 1400, 1400) for view in (MapView(levels, matrix), corner))
    inside = fuse_views([corner._replace(probability=np.full((200, 200), 65535, np.uint16))], 1400, 1400) > 0
    inner = cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=0) > 0
    assert inner.sum() > 20_000
    assert np.abs(whole.astype(int) - alone)[inner].max() <= 1


@pytest.mark.parametrize("space", ["probability", "logit"])
def test_the_order_of_the_views_moves_no_level_by_more_than_1(space):
    views = [
        plain(noise(0, 48, 32)),
        plain(noise(1, 33, 25))._replace(weight=0.7),
        plain(noise(2, 40, 30))._replace(weight=1e-3),
        MapView(noise(3, 50, 50), rotation(4) @ translation(-3, 2), 1 / 3),
        MapView(noise(4, 20, 20), translation(11, 9), 0.1, np.random.default_rng(5).random((20, 20), np.float32)),
    ]
    fused = [fuse_views(order, WIDTH, HEIGHT, space=space).astype(int) for order in permutations(views)]
    assert np.ptp(fused, axis=0).max() <= 1


def test_weights_are_relative():
    views = [plain(np.full((8, 8), 100, np.uint16)), plain(np.full((8, 8), 200, np.uint16))]
    weighted = [view._replace(weight=weight) for view, weight in zip(views, (1, 3), strict=True)]
    assert (fuse_views(views, WIDTH, HEIGHT) == 150).all()
    assert (fuse_views(weighted, WIDTH, HEIGHT) == 175).all()  # (100 + 3 * 200) / 4
    tenth = [view._replace(weight=view.weight / 10) for view in weighted]
    assert (fuse_views(tenth, WIDTH, HEIGHT) == 175).all()


def test_equal_views_are_their_mean_whatever_their_number_and_weights():
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for space in ("probability", "logit"):
        for weights in ((1, 1, 1), (0.1, 0.7, 0.2), (1, 1, 1, 1, 1, 1, 1)):
            views = [plain(levels)._replace(weight=weight) for weight in weights]
            np.testing.assert_array_equal(fuse_views(views, WIDTH, HEIGHT, space=space), levels)


def test_what_lies_halfway_between_two_levels_goes_up_wherever_it_lies():
    views = [plain(np.full((9, 13), level, np.uint16)) for level in (7, 7, 7, 8, 8, 8)]
    assert (fuse_views(views, WIDTH, HEIGHT) == 8).all()


def test_the_mean_of_logits_by_hand():
    half, high = (plain(np.full((4, 4), probability, np.float32)) for probability in (0.5, 0.9))
    fused = fuse_views([half, high], WIDTH, HEIGHT, space="logit")  # odds 1 and 9: their geometric mean is 3
    assert fused == pytest.approx(0.75 * 65535, abs=1)
    thrice = fuse_views([half, high._replace(weight=3)], WIDTH, HEIGHT, space="logit")  # odds 9^(3/4) = 5.196
    assert thrice == pytest.approx(5.196 / 6.196 * 65535, abs=3)


def test_levels_0_and_1_count_as_half_a_step_inside_in_logits():
    none, half = np.zeros((4, 4), np.uint8), np.full((4, 4), 0.5, np.float32)
    fused = fuse_views([plain(none), plain(half)], WIDTH, HEIGHT, space="logit")
    odds = (0.5 / 254.5) ** 0.5  # 8 bits: half of 1 / 255
    assert fused == pytest.approx(odds / (1 + odds) * 65535, abs=1)
    fused = fuse_views([plain(none.astype(np.uint16)), plain(half)], WIDTH, HEIGHT, space="logit")
    odds = (0.5 / 65534.5) ** 0.5
    assert fused == pytest.approx(odds / (1 + odds) * 65535, abs=1)


def hann(size):
    side = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    return np.outer(side, side).astype(np.float32)


@pytest.mark.parametrize("space", ["probability", "logit"])
def test_tiles_of_one_map_give_the_map_whatever_their_window(space):
    levels = noise(0, WIDTH, HEIGHT)
    tiles = [
        MapView(levels[top : top + 32, left : left + 32], translation(left, top), 1.0, hann(32))
        for top in (0, 16, 32)
        for left in range(0, 65, 16)
    ]
    np.testing.assert_array_equal(fuse_views(tiles, WIDTH, HEIGHT, space=space), levels)


def test_where_tiles_overlap_their_windows_sum_to_one():
    ones, zeros = np.full((64, 64), 65535, np.uint16), np.zeros((64, 64), np.uint16)
    falling = np.tile((1 - (np.arange(64) + 0.5) / 64).astype(np.float32), (64, 1))
    left, right = MapView(ones, np.eye(3), 1.0, falling), MapView(zeros, translation(32, 0), 1.0, falling[:, ::-1])
    fused = fuse_views([left, right], WIDTH, HEIGHT) / 65535
    assert (fused[:, :32] == 1).all()
    assert (fused[:, 64:] == 0).all()
    position = (np.arange(32) + 0.5) / 64
    np.testing.assert_allclose(fused[0, 32:64], (0.5 - position) / (0.5 - position + position), atol=1e-5)


def test_what_no_view_covers_is_0_and_what_one_covers_is_its_own():
    levels = noise(0, 32, 32)
    fused = fuse_views([MapView(levels, translation(10, 20)), MapView(levels, translation(80, 50))], WIDTH, HEIGHT)
    np.testing.assert_array_equal(fused[20:50, 10:42], levels[:30])
    np.testing.assert_array_equal(fused[50:, 80:], levels[:14, :16])
    assert fused[:20].max() == fused[:, :10].max() == fused[:50, 42:].max() == 0
    assert fuse_views([MapView(levels, translation(200, 0))], WIDTH, HEIGHT).max() == 0
    assert fuse_views([MapView(levels, translation(-200, 0) @ rotation(5))], WIDTH, HEIGHT).max() == 0


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_a_view_much_larger_than_the_frame_is_averaged(factor):
    small = noise(0, 24, 16) // 2
    stripes = np.indices((16 * factor, 24 * factor)).sum(axis=0) % factor  # 0, 1, … along each row of a block
    large = small.repeat(factor, axis=0).repeat(factor, axis=1) + stripes.astype(np.uint16) * 1000
    fused = fuse_views([plain(large)], WIDTH, HEIGHT, frame=Frame(24, 16)).astype(int)
    assert np.abs(fused - small - 500 * (factor - 1)).max() <= 1


def test_a_large_view_with_padding_is_averaged_without_it():
    levels = np.full((256, 256), 65535, np.uint16)
    levels[:100, :154] = 1000
    for width in (150, 154):  # the area of columns 149.3 to 156.4 is read in the latter, without its padding
        view = MapView(levels, scaling(WIDTH / width, HEIGHT / 100))
        assert (fuse_views([view], WIDTH, HEIGHT, frame=Frame(20, 13)) == 1000).all()
    blocks = view._replace(input_to_original=scaling(WIDTH / 160, HEIGHT / 96))  # 64 of 256 columns are padding
    blocks.probability[:96, :160] = 1000
    other = plain(np.full((24, 40), 3000, np.uint16))
    assert (fuse_views([blocks, other], WIDTH, HEIGHT, frame=Frame(40, 24)) == 2000).all()


matrices = st.builds(
    lambda degrees, scale, dx, dy, flip: (
        translation(dx, dy) @ (flip_horizontal(16) if flip else np.eye(3)) @ rotation(degrees, 8, 6) @ scaling(scale)
    ),
    st.sampled_from([0, 0, 2.5, -8, 90, 45]),
    st.sampled_from([1, 0.75, 1.3, 2]),
    st.sampled_from([0, 1, -2.25, 3.7]),
    st.sampled_from([0, 2, -1.5]),
    st.booleans(),
)


@given(st.lists(st.tuples(matrices, st.booleans(), st.sampled_from([1, 0.2, 3])), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_any_views_are_fused_as_pixel_by_pixel(chosen):
    views = []
    for index, (matrix, has_window, weight) in enumerate(chosen):
        window = np.random.default_rng(index).uniform(0.5, 1, (14, 18)).astype(np.float32) if has_window else None
        views.append(MapView(noise(index, 18, 14), matrix, weight, window))
    frame = Frame(17, 11)
    fused = fuse_views(views, 16, 12, frame=frame)
    # positions along an axis are rounded by up to 1 / 131072 px, half a level each, and so is the result; between two
    # pixels of which one weighs twice as much, the positions' errors count twice
    allowed = 2.6 if any(view.window is not None for view in views) else 1.6
    assert np.abs(fused - plain_fusion(views, frame, 16, 12)).max() <= allowed


def test_images_of_one_pixel_and_maps_of_one_pixel_work():
    assert fuse_views([MapView(np.array([[7]], np.uint16), np.eye(3))], 1, 1).tolist() == [[7]]
    view = MapView(np.array([[7]], np.uint16), scaling(WIDTH, HEIGHT))
    assert (fuse_views([view], WIDTH, HEIGHT, frame=Frame(9, 5)) == 7).all()
    thin = MapView(noise(0, 64, 64), scaling(WIDTH * 64.0 / 64, HEIGHT / 0.3))  # 0.3 px high in the view
    assert fuse_views([thin], WIDTH * 64, HEIGHT, frame=Frame(64, 1)).tolist() == [thin.probability[0].tolist()]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weight": -1.0}, "expected weights of at least 0"),
        ({"weight": float("nan")}, "expected weights of at least 0"),
        ({"weight": 0.0}, "not all of them 0"),
        ({"probability": np.zeros((4, 4))}, "type float32, uint8 or uint16"),
        ({"input_to_original": np.zeros((3, 3))}, "expected an affine"),
        ({"input_to_original": np.diag([1.0, 0.0, 1.0])}, "that can be inverted"),
        ({"window": np.ones((3, 4), np.float32)}, r"window of the map's shape \(4, 4\), got \(3, 4\)"),
        ({"window": np.full((4, 4), 2, np.float32)}, r"window in \[0, 1\], got 2"),
        ({"window": np.full((4, 4), np.nan, np.float32)}, r"window in \[0, 1\], got nan"),
    ],
)
def test_a_view_that_does_not_hold_is_refused(changes, message):
    view = MapView(np.zeros((4, 4), np.uint16), np.eye(3))
    with pytest.raises(ValueError, match=message):
        fuse_views([view._replace(**changes)], 4, 4)
    for views, arguments, fault in (
        ([], {}, "expected one member at least"),
        ([view], {"frame": Frame(0, 4)}, "sizes of at least 1 px"),
        ([view], {"space": "odds"}, '"probability" or "logit", got \'odds\''),
    ):
        with pytest.raises(ValueError, match=fault):
            fuse_views(views, 4, 4, **arguments)
