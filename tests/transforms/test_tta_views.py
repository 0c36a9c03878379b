"""Every combination of mirror image, scale, rotation and tile: what each shows, and how it counts."""

import numpy as np
import pytest

from ocr.transforms.geometric import Letterbox
from ocr.transforms.tta_views import Fade, TTAViews

SIZES = [(200, 100), (100, 200), (128, 128), (77, 201), (5, 400)]


def original_to_input(tta_view, x, y):
    return (tta_view.transform.original_to_input @ [x, y, 1])[:2]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "base", [Letterbox(128), Letterbox(128, "multiple"), Letterbox(64, "multiple", resize="short_side", max_side=160)]
)
def test_without_augmentation_there_is_the_bases_view_only(size, base):
    views = TTAViews(base)
    ((tta_view,), frame_to_original) = views(*size)
    assert views.is_plain
    expected = base(*size)
    np.testing.assert_array_equal(tta_view.transform.original_to_input, expected.original_to_input)
    assert (tta_view.transform[1:], tta_view.weight, any(tta_view.fade)) == (expected[1:], 1, False)
    np.testing.assert_allclose(frame_to_original, np.linalg.inv(expected.original_to_input), rtol=1e-12)
    for options in ({"flip": True}, {"scales": [1.0, 1.5]}, {"scales": [1.5]}, {"rotations": [2.0]}, {"tile": 64}):
        assert not TTAViews(base, **options).is_plain


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("padding", ["square", "multiple"])
def test_views_are_every_combination_and_each_shows_the_whole_image(size, padding):
    views = TTAViews(Letterbox(128, padding), flip=True, scales=[0.7, 1.0, 1.3], rotations=[-10.0, 0.0, 45.0])
    tta_views = views(*size).tta_views
    assert len({tta_view.transform.original_to_input.tobytes() for tta_view in tta_views}) == 2 * 3 * 3
    for tta_view in tta_views:
        corners = [original_to_input(tta_view, x, y) for x in (0, size[0]) for y in (0, size[1])]
        sides = tta_view.transform.width_input, tta_view.transform.height_input
        assert np.min(corners) >= -1e-6
        assert (np.max(corners, axis=0) <= np.add(sides, 1e-6)).all()
        assert all(side % 32 == 0 and side > 0 for side in sides)
        assert padding == "multiple" or sides[0] == sides[1]
        assert tta_view.weight == 1.0


def test_the_mirror_image_is_that_of_the_whole_input():
    """200 x 100 at 128 px is 128 x 64: the left edge comes to the right one; the same rows."""
    plain, mirrored = TTAViews(Letterbox(128), flip=True)(200, 100).tta_views
    assert plain.transform[1:] == mirrored.transform[1:] == (128, 128)
    np.testing.assert_allclose(original_to_input(plain, 50, 25), [32, 16])
    np.testing.assert_allclose(original_to_input(mirrored, 50, 25), [96, 16])
    narrow = TTAViews(Letterbox(128), flip=True)(100, 200).tta_views[1]
    np.testing.assert_allclose(original_to_input(narrow, 0, 0), [128, 0])  # padding on the left


@pytest.mark.parametrize(("scale", "size"), [(0.5, 64), (1.25, 160), (1.1, 128), (1.3, 160), (0.01, 32)])
def test_scales_are_rounded_to_sizes_that_the_network_takes(scale, size):
    ((tta_view,), _) = TTAViews(Letterbox(128), scales=[scale])(200, 100)
    assert (tta_view.transform.width_input, tta_view.transform.height_input) == (size, size)
    assert tta_view.transform.original_to_input[0, 0] == size / 200


@pytest.mark.parametrize(("scale", "width"), [(1.0, 192), (1.5, 288), (0.5, 96)])
def test_scales_multiply_a_short_side_and_its_cap(scale, width):
    """64 px short are 256 px long, above the cap of 192; both sizes are multiplied."""
    base = Letterbox(64, "multiple", resize="short_side", max_side=192)
    ((tta_view,), _) = TTAViews(base, scales=[scale])(400, 100)
    assert tta_view.transform.original_to_input[0, 0] == width / 400
    assert tta_view.transform.width_input == width


def test_the_frame_is_the_image_at_the_largest_scale():
    frame_to_original = TTAViews(Letterbox(128), scales=[1.0, 1.5, 0.5], rotations=[5.0])(200, 100).frame_to_original
    np.testing.assert_allclose(frame_to_original, np.diag([200 / 192, 100 / 96, 1]))


def test_a_rotated_view_turns_clockwise_at_the_same_resolution():
    """By 30 degrees 128 x 64 px need 143 x 120; the upper edge descends to the right."""
    ((tta_view,), _) = TTAViews(Letterbox(128, "multiple"), rotations=[30.0])(256, 128)
    assert (tta_view.transform.width_input, tta_view.transform.height_input) == (160, 128)
    step = original_to_input(tta_view, 1, 0) - original_to_input(tta_view, 0, 0)
    np.testing.assert_allclose(step, [0.5 * np.cos(np.pi / 6), 0.5 * np.sin(np.pi / 6)])
    corners = np.array([original_to_input(tta_view, x, y) for x in (0, 256) for y in (0, 128)])
    np.testing.assert_allclose(corners.min(axis=0), 0, atol=1e-9)


# ---- tiles


def starts(tta_views):
    return [
        tuple(np.round(-tta_view.transform.original_to_input[:2, 2]).astype(int).tolist()) for tta_view in tta_views
    ]


def test_an_image_no_larger_than_a_tile_is_one_view_at_its_own_resolution():
    ((tta_view,), frame_to_original) = TTAViews(Letterbox(640), tile=128)(128, 100)
    np.testing.assert_array_equal(tta_view.transform.original_to_input, np.eye(3))
    assert tta_view.transform[1:] == (128, 128)
    assert not any(tta_view.fade)
    np.testing.assert_array_equal(frame_to_original, np.eye(3))


def test_tiles_are_spread_evenly_and_share_at_least_the_overlap():
    """300 px by tiles of 128 with a quarter shared: 1 + ceil(172 / 96) = 3, at 0, 86 and 172; 42 px are shared."""
    tta_views = TTAViews(Letterbox(640), tile=128, flip=True)(300, 100).tta_views
    assert starts(tta_views[:3]) == [(0, 0), (86, 0), (172, 0)]
    assert [tta_view.fade for tta_view in tta_views[:3]] == [(0, 0, 42, 0), (42, 0, 42, 0), (42, 0, 0, 0)]
    assert {tta_view.transform[1:] for tta_view in tta_views} == {(128, 128)}
    assert [tta_view.fade[::2] for tta_view in tta_views[3:]] == [(42, 0), (42, 42), (0, 42)]  # mirrored
    low = TTAViews(Letterbox(640, "multiple"), tile=128)(300, 60).tta_views
    assert {tta_view.transform[1:] for tta_view in low} == {(128, 64)}


def covered(size, overlap=0.25):
    """(H, W): what the tiles weigh together; as large as the image and what they show beyond it."""
    total = np.zeros(np.add(size[::-1], 128))
    tta_views = TTAViews(Letterbox(640), tile=128, overlap=overlap)(*size).tta_views
    for tta_view, (left, top) in zip(tta_views, starts(tta_views), strict=True):
        window = tta_view.fade.window(128, 128)
        total[top : top + 128, left : left + 128] += 1.0 if window is None else window
    return total[: size[1], : size[0]]


@pytest.mark.parametrize("size", [(129, 129), (300, 500), (1000, 64), (383, 257)])
@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5])
def test_tiles_cover_every_pixel_and_their_weights_are_positive(size, overlap):
    assert covered(size, overlap).min() > 1e-4


def test_two_tiles_along_each_side_weigh_1_everywhere():
    np.testing.assert_allclose(covered((210, 200)), 1, atol=1e-6)


def test_scales_of_tiles_are_those_of_the_image_and_the_base_size_does_not_matter():
    for size in (64, 640):
        tta_views, frame_to_original = TTAViews(Letterbox(size), tile=128, scales=[0.5, 1.0])(256, 256)
        assert len(tta_views) == 1 + 9
        assert tta_views[0].transform.original_to_input[0, 0] == 0.5
        np.testing.assert_array_equal(frame_to_original, np.eye(3))


# ---- settings


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scales": []}, r"tta\.scales to be at least one number above 0, got \[\]"),
        ({"scales": [1.0, 0.0]}, r"above 0, got \[1\.0, 0\.0\]"),
        ({"scales": [float("nan")]}, r"above 0, got \[nan\]"),
        ({"rotations": []}, r"tta\.rotations to be at least one angle"),
        ({"rotations": [60.0]}, r"within ±45 degrees, got \[60\.0\]"),
        ({"tile": 100}, r"tta\.tile to be null or a positive multiple of 32, got 100"),
        ({"tile": 0}, r"positive multiple of 32, got 0"),
        ({"overlap": 0.6}, r"tta\.overlap in \[0, 0\.5\], got 0\.6"),
        ({"overlap": -0.1}, r"tta\.overlap in \[0, 0\.5\], got -0\.1"),
    ],
)
def test_a_setting_out_of_its_range_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        TTAViews(Letterbox(128), **options)


def test_the_settings_are_plain_and_lack_the_base():
    settings = TTAViews(Letterbox(128), flip=True, scales=(1.0, 1.5)).settings
    assert settings == {"flip": True, "scales": [1.0, 1.5], "rotations": [0.0], "tile": None, "overlap": 0.25}


def test_weights_rise_through_the_pixels_centres():
    """Over 4 px: 0.5 / 4, 1.5 / 4, 2.5 / 4, 3.5 / 4."""
    window = Fade(left=4).window(6, 2)
    assert window.dtype == np.float32
    np.testing.assert_array_equal(window, [[0.125, 0.375, 0.625, 0.875, 1, 1]] * 2)


def test_each_side_has_its_own_share_and_no_pixel_counts_nothing():
    assert Fade().window(8, 4) is None
    np.testing.assert_array_equal(Fade(left=2, bottom=1).window(3, 2), np.outer([1, 0.5], [0.25, 0.75, 1]))
    window = Fade(32, 32, 32, 32).window(32, 32)
    assert 0 < window.min() < window.max() < 1


def test_two_tiles_weigh_1_together_where_they_overlap():
    before, behind = Fade(right=6).window(16, 1), Fade(left=6).window(16, 1)
    np.testing.assert_allclose(before[0, -6:] + behind[0, :6], 1, atol=1e-6)
