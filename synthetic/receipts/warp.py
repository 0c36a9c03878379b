"""The way from the flat canvas to the image: bent paper, then a projective view; exact in both directions."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]  # (N, 2) x, y


@dataclass(frozen=True)
class PaperWarp:
    """Canvas coordinates to image coordinates, both continuous (pixel (i, j) covers [i, i+1) x [j, j+1)).

    The bend moves y by `bend_y` times a bow over x, then x by `bend_x` times a wave over y; each moves one coordinate
    by a function of the other, so the inverse is exact. Then comes the homography `view` (3, 3).
    """

    width: int
    height: int
    bend_x: float
    bend_y: float
    phase: float
    view: npt.NDArray[np.float64]

    def forward(self, points: Points) -> Points:
        """Image coordinates (N, 2) of canvas `points` (N, 2)."""
        x, y = points[:, 0], points[:, 1]
        bent_y = y + self.bend_y * self._bow(x)
        return _project(self.view, np.stack([x + self.bend_x * self._wave(bent_y), bent_y], axis=1))

    def inverse(self, points: Points) -> Points:
        """Canvas coordinates (N, 2) of image `points` (N, 2)."""
        bent = _project(np.asarray(np.linalg.inv(self.view), np.float64), points)
        x = bent[:, 0] - self.bend_x * self._wave(bent[:, 1])
        return np.stack([x, bent[:, 1] - self.bend_y * self._bow(x)], axis=1)

    def slope(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """How steeply the bow rises at canvas `x`, per paper width; the light on bent paper follows it."""
        return self.bend_y / self.width * np.pi * np.cos(np.pi * x / self.width + self.phase)

    def _bow(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.sin(np.pi * x / self.width + self.phase)

    def _wave(self, y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.sin(1.6 * np.pi * y / self.height + 2 * self.phase)


def _project(m: npt.NDArray[np.float64], points: Points) -> Points:
    x, y = points[:, 0], points[:, 1]
    # Written out, because a matrix product may round differently on another machine.
    scale = m[2, 0] * x + m[2, 1] * y + m[2, 2]
    return np.stack(
        [(m[0, 0] * x + m[0, 1] * y + m[0, 2]) / scale, (m[1, 0] * x + m[1, 1] * y + m[1, 2]) / scale], axis=1
    )


def random_warp(
    rng: np.random.Generator, width: int, height: int, *, curve: float, slant: float, perspective: float
) -> PaperWarp:
    """A warp of a (height, width) canvas, not yet fitted to an image.

    Args:
        rng: source of all choices.
        width: of the canvas, px.
        height: of the canvas, px.
        curve: bend of the paper, 0 flat .. 1 strong (a bow of 8 % of the width).
        slant: largest rotation to either side, degrees.
        perspective: largest move of a corner, as part of the paper's width.
    """
    angle = np.deg2rad(rng.uniform(-slant, slant))
    jitter = rng.uniform(-perspective, perspective, (4, 2)) * width
    signs, bends, phase = rng.choice((-1.0, 1.0), 2), rng.uniform(0.6, 1.0, 2), rng.uniform(-0.5, 0.5)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    x, y = (corners - (width / 2, height / 2)).T
    seen = np.stack([cos * x - sin * y, sin * x + cos * y], axis=1) + jitter
    view = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32)).astype(np.float64)
    bend_y, bend_x = curve * width * 0.08 * bends[0] * signs[0], curve * width * 0.025 * bends[1] * signs[1]
    return PaperWarp(width, height, float(bend_x), float(bend_y), float(phase), view)


def paper_edge(warp: PaperWarp, per_side: int = 16) -> Points:
    """Image coordinates (4 * per_side, 2) of the paper's edge, clockwise from the top-left corner."""
    t = np.arange(per_side) / per_side
    top = np.stack([t * warp.width, np.zeros_like(t)], axis=1)
    right = np.stack([np.full_like(t, warp.width), t * warp.height], axis=1)
    bottom = (warp.width, warp.height) - top
    left = (warp.width, warp.height) - right
    return warp.forward(np.concatenate([top, right, bottom, left]))


def box_polygon(box: npt.NDArray[np.float64], points: int) -> Points:
    """A box as a polygon of `points` points, clockwise from its top-left corner, even along its top and bottom edges.

    Args:
        box: (4,) xyxy.
        points: even, >= 4; half of them on each long edge.

    Returns:
        (points, 2).

    Raises:
        ValueError: if `points` is odd or below 4.
    """
    if points < 4 or points % 2:
        raise ValueError(f"expected an even number of points >= 4, got {points}")
    x = np.linspace(box[0], box[2], points // 2)
    top = np.stack([x, np.full_like(x, box[1])], axis=1)
    bottom = np.stack([x[::-1], np.full_like(x, box[3])], axis=1)
    return np.concatenate([top, bottom])
