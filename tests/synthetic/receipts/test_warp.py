"""The way of a point from canvas to image and back."""

import numpy as np
import pytest

from synthetic.receipts.render import fit_to_image
from synthetic.receipts.warp import PaperWarp, box_polygon, paper_edge, random_warp


def warp_of(bend_x=0.0, bend_y=0.0, view=None):
    return PaperWarp(100, 200, bend_x, bend_y, 0.0, np.eye(3) if view is None else np.array(view, float))


@pytest.mark.parametrize(
    ("changes", "points", "moved"),
    [
        ({}, [[0.0, 0.0], [37.5, 12.25]], [[0.0, 0.0], [37.5, 12.25]]),
        ({"bend_y": 8.0}, [[0.0, 50.0], [50.0, 50.0], [100.0, 50.0]], [[0, 50], [50, 58], [100, 50]]),  # sin(0 … pi)
        ({"view": [[1, 0, 10], [0, 1, 20], [0, 0, 2]]}, [[30.0, 40.0]], [[20.0, 30.0]]),  # (30 + 10) / 2, (40 + 20) / 2
    ],
)
def test_the_bow_lowers_the_middle_and_the_view_is_a_homography(changes, points, moved):
    assert warp_of(**changes).forward(np.array(points)) == pytest.approx(np.array(moved))


@pytest.mark.parametrize("curve", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_way_back_ends_where_it_began(seed, curve):
    rng = np.random.default_rng(seed)
    warp = random_warp(rng, 900, 1700, curve=curve, slant=5.0, perspective=0.03)
    points = rng.uniform((0, 0), (900, 1700), (200, 2))
    assert warp.inverse(warp.forward(points)) == pytest.approx(points, abs=1e-6)


@pytest.mark.parametrize(("width", "height"), [(None, None), (1024, 1024), (640, None), (None, 300), (64, 64)])
def test_a_fitted_paper_lies_inside_an_image_of_the_size_asked_for(width, height):
    rng = np.random.default_rng(1)
    warp = random_warp(rng, 900, 1700, curve=1.0, slant=5.0, perspective=0.03)
    fitted, image_width, image_height = fit_to_image(warp, rng, width, height)
    edge = paper_edge(fitted, 200)
    assert edge.min() >= 0
    assert (edge.max(axis=0) <= (image_width, image_height)).all()
    assert width in (None, image_width)
    assert height in (None, image_height)


@pytest.mark.parametrize("points", [2, 5, 13])
def test_a_box_of_an_even_number_of_points_runs_clockwise_from_the_top_left(points):
    six = box_polygon(np.array([10, 20, 30, 28]), 6)
    assert six.tolist() == [[10, 20], [20, 20], [30, 20], [30, 28], [20, 28], [10, 28]]
    with pytest.raises(ValueError, match=f"expected an even number of points >= 4, got {points}"):
        box_polygon(np.array([0, 0, 1, 1]), points)
