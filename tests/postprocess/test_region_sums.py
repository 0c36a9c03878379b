"""Pixels and sums of regions, from their borders: with numba and without."""

import cv2
import numpy as np
import pytest

from ocr.postprocess.regions import sum_drawn_regions, sum_regions


def outer_borders(binary):
    contours, hierarchy = cv2.findContours(binary, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [contour for contour, (_, _, _, parent) in zip(contours, hierarchy[0], strict=True) if parent < 0]


@pytest.fixture(params=[sum_regions, sum_drawn_regions], ids=["walked", "drawn"])
def sums_of(request):
    """Sums and pixels of the regions of a binary map."""

    def sums(values, binary):
        borders = outer_borders(binary.astype(np.uint8))
        starts = np.cumsum([0, *map(len, borders)])
        return request.param(values, np.concatenate(borders).reshape(-1, 2).astype(np.int32), starts)

    return sums


def drawn(text):
    return np.array([[character == "#" for character in line.split()] for line in text.strip().splitlines()])


@pytest.mark.parametrize(
    "text",
    ["#", "# # # #", "#\n#\n#", "# .\n. #", ". # .\n# # #\n. # .", "# # #\n# . .\n# # #", "# . #\n. # .\n# . #"],
    ids=["a pixel", "a row", "a column", "a diagonal", "a cross", "a bay", "tips"],
)
def test_the_sum_is_over_the_regions_pixels(sums_of, text):
    binary = np.pad(drawn(text), 1)
    values = np.arange(1, binary.size + 1, dtype=np.float32).reshape(binary.shape)
    sums, pixels = sums_of(values, binary)
    assert sums.tolist() == [values[binary].sum()]
    assert pixels.tolist() == [binary.sum()]


def test_a_hole_and_what_lies_in_it_is_filled(sums_of):
    binary = drawn("# # # # #\n# . . . #\n# . # . #\n# . . . #\n# # # # #")
    values = np.ones(binary.shape, np.float32)
    values[2, 2] = 7.0
    sums, pixels = sums_of(values, binary)
    assert sorted(sums) == [7.0, 24.0 + 7.0]
    assert sorted(pixels) == [1, 25]


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.uint16])
@pytest.mark.parametrize("sigma", [0.3, 1.0, 3.0])
def test_noise_of_every_grain_adds_up_as_opencv_fills_it(sums_of, dtype, sigma):
    rng = np.random.default_rng(3)
    values = cv2.normalize(
        cv2.GaussianBlur(rng.random((90, 140)), (0, 0), sigma),
        None,
        0,
        1 if dtype is np.float32 else np.iinfo(dtype).max,
        cv2.NORM_MINMAX,
    ).astype(dtype)
    binary = values > np.median(values)
    sums, pixels = sums_of(values, binary)
    for contour, total, count in zip(outer_borders(binary.astype(np.uint8)), sums, pixels, strict=True):
        filled = cv2.drawContours(np.zeros(values.shape, np.uint8), [contour], 0, 1, cv2.FILLED) > 0
        assert count == filled.sum()
        assert total == pytest.approx(values[filled].sum(dtype=np.float64), rel=1e-9)
