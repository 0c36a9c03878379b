"""Maps of one image by several networks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.annotations.records import ImageRecord
from ocr.geometry import scaling
from ocr.probability_maps import ImageMap, check_covers_image, fuse_maps
from tests.probability_maps.scene_views import noise, render

WIDTH, HEIGHT = 96, 64


def member(levels, **fields):
    matrix = scaling(WIDTH / levels.shape[1], HEIGHT / levels.shape[0])
    fields = {"filename": "a.jpg", "width_original": WIDTH, "height_original": HEIGHT, **fields}
    return ImageMap(ImageRecord(input_to_original=matrix, **fields), levels)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("space", ["probability", "logit"])
def test_an_only_member_of_any_weight_is_the_ensemble_and_one_of_weight_0_is_not_read(kind, space):
    first, unread = member(noise(0, 48, 32).astype(kind)), ImageMap(None, None)
    assert fuse_maps([first], [0.3], space=space) is first
    assert fuse_maps([first, unread], [1, 0], space=space) is first
    assert fuse_maps([unread, first], [0, 2.5], space=space) is first


@given(st.integers(8, 60), st.integers(8, 60))
@settings(max_examples=40, deadline=None)
def test_members_of_different_sizes_line_up_within_half_a_pixel(width, height):
    def edge(x, y):  # P = 0.5 along x = 48.2, original px
        return 0.5 + (x - 48.2) / 40

    maps = [
        member(render(edge, scaling(WIDTH / w, HEIGHT / h), w, h)) for w, h in ((width, height), (64, 64), (96, 40))
    ]
    fused = fuse_maps(maps, [1, 1, 1])
    row = fused.probability[fused.probability.shape[0] // 2].astype(float) / 65535
    position = np.interp(0.5, row, np.arange(len(row)) + 0.5) * fused.record.input_to_original[0, 0]
    assert position == pytest.approx(48.2, abs=0.01)


def test_the_result_covers_the_image_and_keeps_its_labels():
    polygon = np.array([[1, 1], [9, 1], [9, 5], [1, 5]], np.float32)
    labelled = member(noise(0, 48, 32), polygons=(polygon,), ignore=(True,))
    fused = fuse_maps([labelled, member(noise(1, 64, 40), polygons=(polygon,), ignore=(True,))], [1, 1])
    check_covers_image(fused)
    assert fused.probability.shape == (40, 64)
    assert fused.record.ignore == (True,)
    np.testing.assert_array_equal(fused.record.polygons[0], polygon)


@pytest.mark.parametrize(
    ("second", "weights", "message"),
    [
        (member(noise(1, 8, 8)), [1], "a weight for each of the 2 members, got 1"),
        (member(noise(1, 8, 8)), [0, 0], "not all of them 0"),
        (member(noise(1, 8, 8)), [2, -1], "weights of at least 0"),
        (member(noise(1, 8, 8), filename="b.jpg"), [1, 1], r"maps of one image, got a\.jpg and b\.jpg"),
        (
            ImageMap(ImageRecord("a.jpg", 192, 128, scaling(192 / 8, 128 / 8)), noise(1, 8, 8)),
            [1, 1],
            r"a\.jpg: .* got one of 96 x 64 px and one of 192 x 128 px",
        ),
        (
            ImageMap(ImageRecord("a.jpg", WIDTH, HEIGHT, scaling(1.5)), noise(0, 64, 64)),
            [1, 1],
            r"a\.jpg: .* cut the padding off by crop_to_image",
        ),
    ],
)
def test_what_cannot_be_fused_is_refused_by_name(second, weights, message):
    with pytest.raises(ValueError, match=message):
        fuse_maps([member(noise(0, 8, 8)), second], weights)
