"""Pixels and polygons placed into a view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from ocr.datasets.views import View
from ocr.geometry import Matrix, Polygon, clip_polygon, polygon_area, scaling, to_opencv, transform_polygon

PADDING_COLOUR = (124, 116, 104)
"""ImageNet's mean: padding is 0 once the input is normalised."""
SHARPEST_WARP = 0.75
"""A warp that shrinks more than this is preceded by area averaging: bilinear sampling alone would skip pixels."""


class PlacedPolygons(NamedTuple):
    """Polygons in the input frame."""

    polygons: list[Polygon]
    ignore: list[bool]


def place_image(image: npt.NDArray[np.uint8], view: View) -> npt.NDArray[np.uint8]:
    """Resamples a picture into its view.

    Args:
        image: (H, W, 3) uint8 RGB, original frame.
        view: the matrix and the input's size.

    Returns:
        (height_input, width_input, 3) uint8; what lies outside the original has the padding colour.
    """
    matrix = view.original_to_input
    if _is_scaling(matrix):
        return _resize_and_pad(image, view)
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:2, :2]))))
    if scale < SHARPEST_WARP:
        height, width = image.shape[:2]
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        matrix = matrix @ scaling(width / small[0], height / small[1])
    warped = cv2.warpAffine(
        image,
        to_opencv(matrix),
        (view.width_input, view.height_input),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=PADDING_COLOUR,
    )
    return np.asarray(warped, dtype=np.uint8)


def place_polygons(
    polygons: Sequence[Polygon], ignore: Sequence[bool], view: View, *, min_visible: float = 0.6
) -> PlacedPolygons:
    """Maps polygons into a view, each on its own: what happens to one never touches another.

    Args:
        polygons: (K, 2) each, original frame.
        ignore: one flag per polygon.
        view: the matrix and the input's size.
        min_visible: a polygon of which a smaller share of the area is left inside becomes an ignored one.

    Returns:
        The parts inside the input, in the given order; polygons that lie outside entirely are dropped.
    """
    placed = PlacedPolygons([], [])
    for polygon, ignored in zip(polygons, ignore, strict=True):
        moved = transform_polygon(polygon, view.original_to_input)
        clipped = clip_polygon(moved, view.width_input, view.height_input)
        if clipped is None:
            continue
        whole = clipped is moved or polygon_area(clipped) >= min_visible * polygon_area(moved)
        placed.polygons.append(clipped)
        placed.ignore.append(ignored or not whole)
    return placed


def _is_scaling(matrix: Matrix) -> bool:
    return bool(np.array_equal(matrix, np.diag(np.diag(matrix))) and matrix[0, 0] > 0 and matrix[1, 1] > 0)


def _resize_and_pad(image: npt.NDArray[np.uint8], view: View) -> npt.NDArray[np.uint8]:
    """The letterbox's case: a plain resize into the top-left corner, by area averaging where it shrinks."""
    height, width = image.shape[:2]
    scale_x, scale_y = float(view.original_to_input[0, 0]), float(view.original_to_input[1, 1])
    size = (max(1, round(width * scale_x)), max(1, round(height * scale_y)))
    interpolation = cv2.INTER_AREA if min(scale_x, scale_y) < 1 else cv2.INTER_LINEAR
    resized = image if size == (width, height) else cv2.resize(image, size, interpolation=interpolation)
    canvas = np.empty((view.height_input, view.width_input, 3), dtype=np.uint8)
    canvas[:] = PADDING_COLOUR
    canvas[: size[1], : size[0]] = resized[: view.height_input, : view.width_input]
    return canvas
