"""Whether labels have coordinates in another unit than pixels."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from ocr.annotations.faults import AnnotationError
from ocr.annotations.words import ImageAnnotation
from ocr.geometry.polygons import Polygon

LEAST_WORDS = 5
"""Fewer words may all be in the first 100 pixels of a large image by chance."""

SEVERAL_TIMES = 3.0
"""Images of this many times 100 px are large beside per cent."""


def check_units(
    annotations: Iterable[ImageAnnotation], sizes: Iterable[tuple[int, int] | None], source: str | os.PathLike[str]
) -> None:
    """Refuses points that are plainly no pixels; arguments as of `describe_wrong_unit`, and the file for the message.

    Raises:
        AnnotationError: naming the unit that the points seem to have.
    """
    fault = describe_wrong_unit(annotations, sizes)
    if fault:
        raise AnnotationError(f"{source}: expected points in pixels of the image as displayed, got {fault}")


def describe_wrong_unit(annotations: Iterable[ImageAnnotation], sizes: Iterable[tuple[int, int] | None]) -> str | None:
    """What the points of labels seem to be, if they are no pixels.

    Parts of 1: no point of any image is beyond 1. Per cent: no point is beyond 100, though every image is several times
    larger, and the words of some image reach from its first third to its last.

    Args:
        annotations: labels.
        sizes: (width, height) of each image, px; None where it is not known.

    Returns:
        The unit and what to do, in words; None where the points may be pixels.
    """
    labelled = [(one.polygons, size) for one, size in zip(annotations, sizes, strict=True) if one.words]
    if not labelled:
        return None
    highest = max(float(polygon.max()) for polygons, _ in labelled for polygon in polygons)
    words = sum(len(polygons) for polygons, _ in labelled)
    if highest <= 1.0:
        return f"coordinates between 0 and 1 only ({words} words): multiply x by the width and y by the height"
    if highest > 100.0 or words < LEAST_WORDS:
        return None
    long_sides = [max(size) for _, size in labelled if size]
    if len(long_sides) < len(labelled) or min(long_sides) < SEVERAL_TIMES * 100:
        return None
    if not any(_spans(polygons, axis) for polygons, _ in labelled for axis in (0, 1)):
        return None
    return (
        f"coordinates between 0 and 100 only ({words} words, images of {min(long_sides)} px and more): per cent? "
        "Multiply x by the width / 100 and y by the height / 100"
    )


def _spans(polygons: Sequence[Polygon], axis: int) -> bool:
    """Whether words reach from the first third of 0..100 to the last along an axis."""
    low = min(float(polygon[:, axis].min()) for polygon in polygons)
    high = max(float(polygon[:, axis].max()) for polygon in polygons)
    return low < 100 / 3 and high > 200 / 3
