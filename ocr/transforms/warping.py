"""An image and its polygons, warped by the matrix of a transform."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry import (
    Matrix,
    Polygon,
    flip_horizontal,
    has_one_lobe,
    polygon_area,
    scaling,
    to_opencv,
    transform_polygon,
)
from ocr.geometry.measures import are_inside, crosses_itself
from ocr.geometry.packed import PackedPolygons
from ocr.geometry.polygons import LOBE_FRACTION, largest_piece_inside
from ocr.transforms.geometric import Transform

PADDING_COLOUR = (124, 116, 104)
"""ImageNet's mean: padding is 0 once the input is normalised."""
SHARPEST_WARP = 0.9
"""A warp that shrinks more than this is preceded by smoothing: bilinear sampling alone would skip pixels."""
SURE_AREA = 5e-4
"""px²; a polygon inside the input with more surely encloses an area: clipping would leave it as it is."""


class WarpedPolygons(NamedTuple):
    """Polygons in the input frame."""

    polygons: list[Polygon]
    ignore: list[bool]


def warp_image(
    image: npt.NDArray[np.uint8], transform: Transform, image_to_original: Matrix | None = None
) -> npt.NDArray[np.uint8]:
    """Warps an image into the input of its transform.

    Args:
        image: (H, W, 3) uint8 RGB.
        transform: the matrix and the input's size.
        image_to_original: from the pixels to the original, if they were decoded at reduced resolution.

    Returns:
        (height_input, width_input, 3) uint8; outside the original in the padding colour.
    """
    if np.linalg.det(transform.original_to_input[:2, :2]) < 0:  # to the last bit what the other hand would see
        unmirrored = transform._replace(
            original_to_input=flip_horizontal(transform.width_input) @ transform.original_to_input
        )
        return np.ascontiguousarray(warp_image(image, unmirrored, image_to_original)[:, ::-1])
    matrix = (
        transform.original_to_input if image_to_original is None else transform.original_to_input @ image_to_original
    )
    if _is_resize(matrix, image.shape[1], image.shape[0]):
        return _resize_and_pad(image, transform, matrix)
    return resample(image, matrix, transform.width_input, transform.height_input)


def resample(
    pixels: npt.NDArray[np.uint8], matrix: Matrix, width: int, height: int, *, border: int = cv2.BORDER_CONSTANT
) -> npt.NDArray[np.uint8]:
    """Samples pixels bilinearly, smoothed first if the matrix shrinks them.

    Args:
        pixels: (h, w, 3) uint8, an image, or (h, w) uint8, a map.
        matrix: from the pixels to the result.
        width: of the result, px.
        height: likewise.
        border: OpenCV's code for what is outside the pixels; a constant is the padding colour.
    """
    pixels, matrix = _smooth(pixels, matrix)
    is_image = pixels.ndim == 3
    # Twice as fast with a fourth channel, copies included: OpenCV's loops over three lack vector instructions.
    source = cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA) if is_image else pixels
    size, flags = (width, height), cv2.INTER_LINEAR
    warped = cv2.warpAffine(source, to_opencv(matrix), size, flags=flags, borderMode=border, borderValue=PADDING_COLOUR)
    return np.asarray(cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB) if is_image else warped, dtype=np.uint8)


def paste(image: npt.NDArray[np.uint8], canvas: npt.NDArray[np.uint8]) -> None:
    """Fills a canvas: the image at its top left, the padding colour at the right and below.

    Args:
        image: (h, w, 3) uint8.
        canvas: (H, W, 3) uint8, H >= h and W >= w, contiguous; overwritten.
    """
    below, beside = canvas.shape[0] - image.shape[0], canvas.shape[1] - image.shape[1]
    cv2.copyMakeBorder(image, 0, below, 0, beside, cv2.BORDER_CONSTANT, dst=canvas, value=PADDING_COLOUR)


def warp_polygons(
    polygons: Sequence[Polygon], ignore: Sequence[bool], transform: Transform, *, min_visible: float = 0.6
) -> WarpedPolygons:
    """Warps polygons, each on its own: what happens to one never touches another.

    Args:
        polygons: (K, 2) each, original frame.
        ignore: one flag per polygon.
        transform: the matrix and the input's size.
        min_visible: a polygon of which a smaller fraction of the area is left inside becomes an ignored one.

    Returns:
        The parts inside the input, in the given order; polygons entirely outside are dropped. One that the border cuts
        into several pieces, or that crosses itself and has several lobes, is an ignored one: a single piece of it would
        train as a word, and the others as background. Ignored ones are uncut.
    """
    warped = WarpedPolygons([], [])
    words = [(polygon, ignored) for polygon, ignored in zip(polygons, ignore, strict=True) if len(polygon) >= 3]
    if not words:
        return warped
    starts = np.cumsum([0, *(len(polygon) for polygon, _ in words)])
    vertices = transform_polygon(np.concatenate([polygon for polygon, _ in words]), transform.original_to_input)
    packed = PackedPolygons(vertices.astype(np.float64), starts)
    inside = are_inside(packed, transform.width_input, transform.height_input, SURE_AREA)
    moved_polygons = np.split(vertices, starts[1:-1])
    for moved, (_, ignored), is_inside in zip(moved_polygons, words, inside.tolist(), strict=True):
        if not is_inside and not _reaches(moved, transform.width_input, transform.height_input):
            continue
        if not is_inside and crosses_itself(moved.astype(np.float64)) and not has_one_lobe(moved):
            warped.polygons.append(moved)
            warped.ignore.append(True)
            continue
        size = transform.width_input, transform.height_input
        clipped, fraction = (moved, 1.0) if is_inside else largest_piece_inside(moved, *size)
        if clipped is None:
            continue
        is_seen = clipped is moved or polygon_area(clipped) >= min_visible * polygon_area(moved)
        trains = is_seen and fraction >= LOBE_FRACTION and not ignored
        warped.polygons.append(clipped if trains else moved)
        warped.ignore.append(not trains)
    return warped


def _reaches(polygon: Polygon, width: int, height: int) -> bool:
    """Whether the upright box around a polygon overlaps the input."""
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    return bool(low[0] < width and low[1] < height and high[0] > 0 and high[1] > 0)


def _smooth(image: npt.NDArray[np.uint8], matrix: Matrix) -> tuple[npt.NDArray[np.uint8], Matrix]:
    """What a warp by `matrix` may sample bilinearly, and the matrix for that: details too fine for it are averaged.

    Beyond a half by areas, a whole number of pixels each; what remains by a narrow Gaussian, as wide as the area that
    a pixel of the input comes from. In one pass less than area averaging to the exact size, it also keeps more.
    An image is (H, W, 3), a map (H, W).
    """
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:2, :2]))))
    if scale < 0.5:
        height, width = image.shape[:2]
        factor = int(1 / scale + 1e-6)
        small = (max(1, width // factor), max(1, height // factor))
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        matrix = matrix @ scaling(width / small[0], height / small[1])
        scale *= factor
    if scale < SHARPEST_WARP:
        sigma = 0.5 * math.sqrt(scale**-2 - 1)
        image = np.asarray(cv2.GaussianBlur(image, (3, 3), sigma, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)
    return image, matrix


def _is_resize(matrix: Matrix, width: int, height: int) -> bool:
    """Whether an image only changes its size, to one of whole pixels."""
    if not np.array_equal(matrix, np.diag(np.diag(matrix))) or matrix[0, 0] <= 0 or matrix[1, 1] <= 0:
        return False
    size = matrix[0, 0] * width, matrix[1, 1] * height
    return all(abs(side - round(side)) < 1e-6 and side > 0.5 for side in size)


def _resize_and_pad(image: npt.NDArray[np.uint8], transform: Transform, matrix: Matrix) -> npt.NDArray[np.uint8]:
    """The letterbox's case: a plain resize into the top-left corner, by area averaging where it shrinks."""
    height, width = image.shape[:2]
    size = (round(width * float(matrix[0, 0])), round(height * float(matrix[1, 1])))
    shrinks = size[0] < width or size[1] < height
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = image if size == (width, height) else cv2.resize(image, size, interpolation=interpolation)
    canvas = np.empty((transform.height_input, transform.width_input, 3), dtype=np.uint8)
    paste(np.asarray(resized[: transform.height_input, : transform.width_input], dtype=np.uint8), canvas)
    return canvas
