"""Probability maps that cover their image exactly and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ocr.annotations.records import ImageRecord
from ocr.geometry import Matrix, scaling
from ocr.postprocess import DBPostProcess, Detections
from ocr.postprocess.regions import ProbabilityMap, full_scale

TOLERANCE = 1e-6
"""How far a size may be off a whole number of pixels, as a fraction of it: matrices are inverted and multiplied."""


class ImageMap(NamedTuple):
    """What a network predicted for an image: its top-left and bottom-right corners are the image's.

    `record.input_to_original` is `scaling(width_original / W, height_original / H)`.
    """

    record: ImageRecord
    probability: ProbabilityMap  # (H, W), as `DBPostProcess` takes it: 8 or 16 bit or float32


def read_words(image_map: ImageMap, postprocess: DBPostProcess) -> Detections:
    """Words of a map, in original pixels, best first.

    Raises:
        ValueError: naming the image, if the map or its matrix has another shape or type.
    """
    record, probability = image_map
    try:
        return postprocess(probability, record.input_to_original, record.width_original, record.height_original)
    except ValueError as error:
        raise ValueError(f"{record.filename}: {error}") from error


def crop_to_image(probability: ProbabilityMap, record: ImageRecord) -> ImageMap:
    """Crop the padding at the bottom and right off a network's output.

    Args:
        probability: (H, W) map of the whole input, see `ProbabilityMap`.
        record: the image, its matrix as of `Letterbox`: a scaling to a whole number of pixels.

    Returns:
        The map's part inside the image (no copy), with the matrix of exactly that part.

    Raises:
        ValueError: if the matrix is another one, or the image is larger than the map; it names the image.
    """
    full_scale(probability)  # refuses other shapes and types
    width, height = _size_in_map(record)
    if height > probability.shape[0] or width > probability.shape[1]:
        raise ValueError(
            f"{record.filename}: expected a map of at least {width} x {height} px, which the image covers by its "
            f"matrix, got {probability.shape[1]} x {probability.shape[0]}"
        )
    return ImageMap(with_frame(record, width, height), probability[:height, :width])


def with_frame(record: ImageRecord, width: int, height: int) -> ImageRecord:
    """The record of a map of `width` x `height` px that covers the image exactly."""
    return replace(record, input_to_original=image_matrix(record, width, height))


def image_matrix(record: ImageRecord, width: int, height: int) -> Matrix:
    """(3, 3) from a map of `width` x `height` px that covers the image exactly to the image."""
    return scaling(record.width_original / width, record.height_original / height)


def check_covers_image(image_map: ImageMap) -> None:
    """Make sure that a map covers its image exactly.

    Raises:
        ValueError: naming the image, if the matrix says otherwise or the map has another shape or type.
    """
    record, probability = image_map
    full_scale(probability)
    expected = image_matrix(record, probability.shape[1], probability.shape[0])
    if not np.allclose(record.input_to_original, expected, rtol=TOLERANCE, atol=0.0):
        raise ValueError(
            f"{record.filename}: expected the matrix of a map that covers its image, {expected.tolist()}, "
            f"got {record.input_to_original.tolist()}: cut the padding off by crop_to_image"
        )


def _size_in_map(record: ImageRecord) -> tuple[int, int]:
    """Width and height of the image in its map, whole px."""
    matrix = record.input_to_original
    scale_x, scale_y = float(matrix[0, 0]), float(matrix[1, 1])
    is_scaling = np.array_equal(matrix, np.diag((scale_x, scale_y, 1.0))) and scale_x > 0 and scale_y > 0
    sizes = (record.width_original / scale_x, record.height_original / scale_y) if is_scaling else (0.0, 0.0)
    width, height = (round(size) for size in sizes)
    if not all(
        whole >= 1 and abs(size - whole) <= TOLERANCE * whole
        for size, whole in zip(sizes, (width, height), strict=True)
    ):
        raise ValueError(
            f"{record.filename}: expected a scaling to a whole number of pixels, got {matrix.tolist()}: "
            "views that are shifted, rotated or mirrored are put together by fuse_views"
        )
    return width, height
