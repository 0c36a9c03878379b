"""The rectangle of least area around points: with numba and without."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.geometry import rectangles
from ocr.geometry.packed import pack_polygons
from ocr.geometry.rectangles import fit_with_opencv, minimum_area_rectangles
from tests.oracles.polygons import box, tilted_box


@pytest.fixture(scope="module", params=[None, fit_with_opencv], ids=["compiled", "plain"], autouse=True)
def _fitting(request):
    with pytest.MonkeyPatch.context() as patch:
        if request.param:
            patch.setattr(rectangles, "_fit_rectangles", request.param)
        yield


def only(points):
    found = minimum_area_rectangles(pack_polygons([np.array(points, np.float64)]))
    return found.center[0], found.size[0], found.direction[0]


@pytest.mark.parametrize("degrees", [0.0, 5.0, 33.0, 45.0, 89.0, 90.0, 150.0])
@pytest.mark.parametrize("step", [1, -1])
def test_a_tilted_box_is_its_own_rectangle(degrees, step):
    center, size, direction = only(tilted_box(200, 100, 60, 10, degrees)[::step])
    assert center == pytest.approx([200, 100], abs=1e-3)
    assert sorted(size) == pytest.approx([10, 60], abs=1e-3)
    heading = np.degrees(np.arctan2(direction[1], direction[0])) + (90 if size[0] < size[1] else 0)
    assert (heading - degrees + 1) % 180 == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("points", "center", "size"),
    [
        ([[3, 4]], [3, 4], [0, 0]),
        ([[3, 4], [3, 4], [3, 4]], [3, 4], [0, 0]),
        ([[1, 1], [4, 5]], [2.5, 3], [5, 0]),
        ([[4, 5], [1, 1], [4, 5], [2.5, 3]], [2.5, 3], [5, 0]),
        ([[0, 0], [4, 0], [4, 2], [0, 2], [2, 1], [1, 1]], [2, 1], [4, 2]),
    ],
    ids=["a point", "one point thrice", "two points", "collinear points", "points inside"],
)
def test_degenerate_points(points, center, size):
    found_center, found_size, direction = only(points)
    assert found_center == pytest.approx(center)
    assert sorted(found_size) == pytest.approx(sorted(size))
    assert np.hypot(*direction) == pytest.approx(1.0)
    # each polygon has its own rectangle, whatever is beside it
    together = minimum_area_rectangles(pack_polygons([box(0, 0, 4, 2), np.array(points, np.float64), box(7, 1, 8, 9)]))
    for values, alone in zip(together, (found_center, found_size, direction), strict=True):
        np.testing.assert_array_equal(values[1], alone)
    assert minimum_area_rectangles(pack_polygons([])).size.shape == (0, 2)


@settings(deadline=None)  # the first call compiles
@given(seed=st.integers(0, 10_000), count=st.integers(1, 40), side=st.integers(1, 30))
def test_it_is_as_small_as_opencvs_and_holds_all_points(seed, count, side):
    points = np.random.default_rng(seed).integers(0, side, (count, 2))
    center, size, direction = only(points)
    assert size.prod() == pytest.approx(np.prod(cv2.minAreaRect(points.astype(np.int32))[1]), rel=1e-4, abs=1e-3)
    along = (points - center) @ direction
    across = (points - center) @ np.array([-direction[1], direction[0]])
    assert np.abs(along).max() == pytest.approx(size[0] / 2, abs=1e-6)
    assert np.abs(across).max() == pytest.approx(size[1] / 2, abs=1e-6)


def test_of_equal_rectangles_the_choice_does_not_depend_on_the_place_or_the_order():
    # 6 x 8 = 48 upright, and tilted: both hold these points.
    octagon = np.array([[2, 0], [5, 0], [6, 3], [6, 6], [4, 8], [1, 8], [0, 5], [0, 2]])
    rng = np.random.default_rng(0)
    sizes = {tuple(only(rng.permutation(octagon) + np.array([dx, 3]))[1].round(6)) for dx in (0, 1, 1000)}
    assert len(sizes) == 1


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 40), side=st.integers(1, 400))
def test_numpy_and_numba_choose_the_same_rectangle(seed, count, side):
    rng = np.random.default_rng(seed)
    packed = pack_polygons([rng.integers(0, side, (count, 2)), rng.uniform(0, side, (count, 2))])
    with_numba = np.hstack(minimum_area_rectangles(packed))
    np.testing.assert_allclose(fit_with_opencv(packed.points, packed.starts), with_numba, atol=1e-9)
