"""Many polygons in two arrays."""

import numpy as np
import pytest

from ocr.geometry.packed import pack_polygons, pick_polygons, unpack_polygons

TRIANGLE = np.array([[0, 1], [4, 1], [2, 5]], np.float32)
QUAD = np.array([[7, 8], [9, 8], [9, 6], [7, 6]], np.float32)
NOTHING = np.empty((0, 2), np.float32)


def same(polygons, others):
    return [polygon.tolist() for polygon in polygons] == [other.tolist() for other in others]


@pytest.mark.parametrize("polygons", [[], [TRIANGLE], [QUAD, NOTHING, TRIANGLE], [NOTHING]])
def test_what_is_packed_comes_back(polygons):
    packed = pack_polygons(polygons)
    assert packed.points.shape == (sum(map(len, polygons)), 2)
    assert len(packed.starts) == len(polygons) + 1
    assert same(unpack_polygons(packed), polygons)


@pytest.mark.parametrize("indices", [[], [2], [2, 0], [0, 1, 2], [1, 1, 0]])
def test_polygons_are_picked_by_number(indices):
    polygons = [TRIANGLE, NOTHING, QUAD]
    picked = pick_polygons(pack_polygons(polygons), np.array(indices, np.int64))
    assert same(unpack_polygons(picked), [polygons[index] for index in indices])
