"""Words as label files have them become the project's: pixels as displayed, clockwise, inside the image."""

from __future__ import annotations

import numpy as np

from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.interface import ForeignImage, ForeignWord
from ocr.annotations.formats.shapes import Box
from ocr.annotations.labelled_sizes import describe_outside, have_one_aspect
from ocr.annotations.words import UNREADABLE, ImageAnnotation, Size, Word
from ocr.geometry.measures import crosses_itself, signed_area
from ocr.geometry.packed import FloatArray
from ocr.geometry.polygons import Polygon, at_least_four, drop_repeated, order_clockwise
from ocr.geometry.rectangles import convex_hull

LEAST_AREA = 1e-6  # px²: what rounding leaves of a box without width


def normalise(image: ForeignImage, findings: Findings, *, fractions: bool) -> ImageAnnotation:
    """The words of an image in the project's form; what is put right or left out is counted.

    Args:
        image: as a label file has it.
        findings: take what is found.
        fractions: whether coordinates are fractions of the width and height, not pixels.
    """
    frame = _frame(image, findings, fractions=fractions)
    words: list[Word] = []
    if frame is not None:
        polygons = [_corners(word, image, frame, fractions=fractions) for word in image.words]
        if not fractions and _are_fractions(polygons):
            findings.fault(f"{image.image.key} in {image.place}", "expected pixels, got relative coordinates (0..1)")
            polygons = []
        for word, polygon in zip(image.words, polygons, strict=False):
            read = _normalise_word(word, polygon, image.image.size, findings)
            if read is not None:
                words.append(read._replace(id=f"{len(words) + 1:04d}"))
    return ImageAnnotation(image.image.key, *image.image.size, tuple(words))


def _frame(image: ForeignImage, findings: Findings, *, fractions: bool) -> Size | None:
    """Width and height of the image that the points belong to, px: as displayed or as stored; None after a fault."""
    stated, displayed, stored = image.stated, image.image.size, image.image.stored_size
    if stated is None and image.words and image.image.orientation != 1:
        findings.count("image rotated by EXIF, whose labels state no size, taken as displayed", image.image.key)
    if stated is None or stated == displayed:
        return displayed
    if stated == stored:
        findings.count("image labelled as stored, rotated by its EXIF orientation", image.image.key)
        return stored
    if fractions and have_one_aspect(stated, displayed):
        return displayed
    findings.fault(
        image.place,
        f"expected labels of {image.image.key} as displayed, {displayed[0]} x {displayed[1]} px, "
        f"got those of an image of {stated[0]} x {stated[1]} px",
    )
    return None


def _corners(word: ForeignWord, image: ForeignImage, frame: Size, *, fractions: bool) -> FloatArray:
    """(K, 2) px of the image as displayed."""
    corners = word.shape.corners(*(frame if fractions else (1, 1)))
    if frame == image.image.size:
        return corners
    rotated = _rotated(corners, frame, image.image.orientation)
    upright = isinstance(word.shape, Box) and word.shape.is_upright
    return order_clockwise(rotated.astype(np.float32)).astype(np.float64) if upright else rotated


def _rotated(points: FloatArray, stored: Size, orientation: int) -> FloatArray:
    """Points of the stored image in the displayed one, for EXIF orientations 5 to 8; mirrored ones run backwards."""
    width, height = stored
    x, y = points.T
    across, down = {5: (y, x), 6: (height - y, x), 7: (height - y, width - x), 8: (y, width - x)}[orientation]
    rotated = np.stack([across, down], axis=1)
    return np.concatenate([rotated[:1], rotated[:0:-1]]) if orientation in (5, 7) else rotated


def _are_fractions(polygons: list[FloatArray]) -> bool:
    """Whether no coordinate of an image is beyond 1, though there is an area."""
    with_area = [polygon for polygon in polygons if len(polygon) > 2 and abs(signed_area(polygon)) > LEAST_AREA]
    return bool(with_area) and max(float(polygon.max()) for polygon in with_area) <= 1.0


def _normalise_word(word: ForeignWord, corners: FloatArray, size: Size, findings: Findings) -> Word | None:
    """The word, or None where it is left out."""
    place = word.place
    points = drop_repeated(corners)
    fault = describe_outside(points, size) if len(points) else None
    if fault:
        findings.fault(place, fault)
        return None
    inside = points.clip(0, size)
    if (inside != points).any():
        findings.count("word with points outside the image, moved onto the border", place)
        points = drop_repeated(inside)
    ordered = _ordered(points, place, findings)
    if ordered is None:
        return None
    text = word.text or ""
    ignore = word.ignore or text.strip() == UNREADABLE
    if word.text is not None and not text and not ignore:
        findings.count("word without transcription", place)
    return Word(ordered, ignore, text=text)


def _ordered(points: FloatArray, place: str, findings: Findings) -> Polygon | None:
    """(K, 2) float32, K >= 4, clockwise; None where there is no area."""
    if len(points) == 4 and crosses_itself(points):
        findings.count("word with crossing edges, put in order", place)
        return order_clockwise(convex_hull(points).astype(np.float32))
    area = signed_area(points) if len(points) > 2 else 0.0
    if abs(area) < LEAST_AREA and not (len(points) > 4 and crosses_itself(points)):
        findings.count("word without area, left out", place)
        return None
    if len(points) == 3:
        findings.count("word of 3 points, a fourth added", place)
        points = at_least_four(points)
    if area < 0:
        findings.count("word counter-clockwise, put in order", place)
        return order_clockwise(points.astype(np.float32))
    return points.astype(np.float32)
