"""Generated slices: reproducible, honest about where the defect is, and not told apart by simple statistics."""

import math

import cv2
import numpy as np
import pytest

from synthetic.slices import SlicesPlan, generate_slice
from synthetic.slices.cells import CELL_KINDS, contour_distance, contour_point, draw_cell, layer_frame, layer_normal
from synthetic.slices.defects import Bump
from synthetic.slices.render import DEFECT_KINDS

SIZE = 160


def cell_of(kind):
    cells = (draw_cell(np.random.default_rng(seed)) for seed in range(50))
    return next(cell for cell in cells if cell.kind == kind)


def test_seed_and_index_decide():
    first = generate_slice(3, 5, size=SIZE, defect="crack")
    assert (first.image.shape, first.image.dtype) == ((SIZE, SIZE), np.uint8)
    np.testing.assert_array_equal(first.image, generate_slice(3, 5, size=SIZE, defect="crack").image)
    for seed, index in ((3, 6), (4, 5)):
        assert not np.array_equal(first.image, generate_slice(seed, index, size=SIZE, defect="crack").image)
    with pytest.raises(ValueError, match="expected slices of at least 64 pixels, got 32"):
        generate_slice(0, 0, size=32)


@pytest.mark.parametrize("defect", DEFECT_KINDS)
def test_grown_defects_change_more_of_the_same_cell(defect):
    for index in range(3):
        plain = generate_slice(1, index, size=SIZE).image
        grown = (generate_slice(1, index, size=SIZE, defect=defect, growth=growth).image for growth in (1.0, 2.5))
        one, other = (float(cv2.absdiff(plain, image).sum()) for image in grown)
        assert other > 1.5 * one


@pytest.mark.parametrize("defect", DEFECT_KINDS)
def test_a_defect_changes_the_same_cell_within_its_box_only(defect):
    for index in range(6):
        plain, faulty = (generate_slice(1, index, size=SIZE, defect=kind) for kind in (None, defect))
        assert (plain.defect, plain.box, faulty.defect) == (None, None, defect)
        assert plain.cell == faulty.cell
        left, top, right, bottom = faulty.box
        assert 0 <= left < right <= SIZE
        assert 0 <= top < bottom <= SIZE
        change = cv2.absdiff(plain.image, faulty.image).astype(float)
        inside = change[top:bottom, left:right].mean()
        change[max(top - 8, 0) : bottom + 8, max(left - 8, 0) : right + 8] = 0
        assert inside > 2
        assert change.mean() < 0.05 * inside  # streaks and the tail of a dent reach a little further


def test_cracks_are_darker_and_inclusions_brighter_than_their_surroundings():
    changes = {"crack": [], "inclusion": []}
    for defect, found in changes.items():
        for index in range(8):
            plain, faulty = (generate_slice(2, index, size=SIZE, defect=kind) for kind in (None, defect))
            left, top, right, bottom = faulty.box
            found.append(
                float(faulty.image[top:bottom, left:right].mean() - plain.image[top:bottom, left:right].mean())
            )
    assert max(changes["crack"]) < 0
    assert min(changes["inclusion"]) > 3


def test_all_kinds_of_cells_occur_and_are_brighter_than_air():
    slices = [generate_slice(0, index, size=SIZE) for index in range(12)]
    assert {drawn.cell for drawn in slices} == set(CELL_KINDS)
    for drawn in slices:
        middle, corner = drawn.image[60:100, 60:100].mean(), drawn.image[:12, :12].mean()
        assert middle > corner + 30


def test_simple_statistics_do_not_tell_the_classes_apart():
    planned = SlicesPlan(7, (240, 0, 0), size=96).slices()
    images = [generate_slice(7, one.seeded, size=96, defect=one.defect).image.astype(float) for one in planned]
    faulty = np.array([one.defect is not None for one in planned])
    statistics = np.array(
        [[image.mean(), image.std(), image.max(), *np.percentile(image, [1, 50, 99, 99.9])] for image in images]
    )
    for values in statistics.T:
        right = ((values[:, None] > values) == faulty[:, None]).mean(axis=0)  # of every threshold
        assert max(right.max(), 1 - right.min()) < 0.65
    scaled = np.c_[(statistics - statistics.mean(axis=0)) / statistics.std(axis=0), np.ones(240)]
    weights = np.linalg.lstsq(scaled[:120], 2.0 * faulty[:120] - 1, rcond=None)[0]
    assert ((scaled[120:] @ weights > 0) == faulty[120:]).mean() < 0.7


def test_the_contour_is_a_rectangle_with_round_corners():
    box = cell_of("pouch")._replace(half_width=100.0, half_height=50.0, corner=10.0, angle=0.0, centre=(256.0, 256.0))
    x, y = (np.array([values], np.float32) for values in ([0, 105, 0, 100, 90], [0, 0, 47, 50, 40]))
    corner = math.hypot(10, 10) - 10  # from the corner's centre (90, 40) to (100, 50), less the radius
    np.testing.assert_allclose(contour_distance(x, y, box)[0], [-50, 5, -3, corner, -10], atol=1e-4)
    assert contour_point(box, 0.0) == pytest.approx((356, 256), abs=1.5)
    assert contour_point(box._replace(angle=math.pi / 2), 0.0) == pytest.approx((306, 256), abs=1.5)


def test_layers_run_along_the_stack_or_around_the_roll():
    x, y = np.array([[30.0, 0.0]], np.float32), np.array([[0.0, 40.0]], np.float32)
    roll = cell_of("cylinder")._replace(phase=0.0)
    depth, along = layer_frame(x, y, roll)
    np.testing.assert_allclose(depth, [[30, 40]])
    np.testing.assert_allclose(along, [[0, 0.25]], atol=1e-3)
    stack = cell_of("pouch")._replace(half_height=100.0, angle=0.1)
    np.testing.assert_allclose(layer_frame(x, y, stack)[0], [[100, 140]])
    assert layer_normal(stack, (300.0, 300.0)) == pytest.approx(0.1 + math.pi / 2)
    flat = cell_of("prismatic")._replace(half_width=200.0, half_height=100.0, angle=0.0, centre=(256.0, 256.0))
    assert layer_normal(flat, (320.0, 300.0)) == pytest.approx(math.pi / 2)  # above the straight part
    assert layer_normal(flat, (416.0, 256.0)) == pytest.approx(0.0)


def test_a_bump_moves_its_middle_by_its_push_and_far_places_not_at_all():
    bump = Bump((10.0, 20.0), 5.0, (3.0, -4.0))
    x, y = np.array([[10, 15, 60]], np.float32), np.array([[20, 20, 20]], np.float32)
    by_x, by_y = bump.displacement(x, y)
    np.testing.assert_allclose(by_x, [[3, 3 * math.exp(-0.5), 0]], atol=1e-5)
    np.testing.assert_allclose(by_y, [[-4, -4 * math.exp(-0.5), 0]], atol=1e-5)
    # Half a wavelength along the layers, that is across the push, it goes the other way.
    rippled = bump._replace(push=(0.0, 2.0), wavelength=10.0)
    np.testing.assert_allclose(rippled.displacement(x, y)[1], [[2, -2 * math.exp(-0.5), 0]], atol=1e-5)
    assert bump.box(512) == (2, 12, 18, 28)
    assert bump.box(256) == (1, 6, 9, 14)
