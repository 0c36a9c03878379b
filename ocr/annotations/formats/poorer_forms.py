"""Words in the forms that poorer formats have; what is lost is counted."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.shapes import Box
from ocr.annotations.words import UNREADABLE, Size, Word
from ocr.geometry.packed import FloatArray, pack_polygons
from ocr.geometry.polygons import Polygon, clip_polygon, order_clockwise
from ocr.geometry.rectangles import minimum_area_rectangles

DIGITS = 3  # of pixels
TOLERANCE = 0.01  # px
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(value: float | np.floating[Any], digits: int = DIGITS) -> int | float:
    """A number with a few digits, whole where it is."""
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


def plain_points(polygon: Polygon) -> list[list[int | float]]:
    """[[x, y], …]."""
    return [[plain(x), plain(y)] for x, y in polygon]


def plain_flat(polygon: Polygon) -> list[int | float]:
    """[x1, y1, x2, y2, …]."""
    return [plain(value) for value in polygon.ravel()]


def plain_box(polygon: Polygon) -> list[int | float]:
    """[left, top, width, height] of the upright box around a polygon."""
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    return [plain(value) for value in (*low, *(high - low))]


def whole(values: FloatArray | Polygon, place: str, findings: Findings) -> list[int]:
    """Coordinates in whole pixels."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    if (flat != flat.round()).any():
        findings.count("word rounded to whole pixels", place)
    return [int(value) for value in np.floor(flat + 0.5)]


def quad(polygon: Polygon, size: Size, place: str, findings: Findings) -> Polygon:
    """(4, 2): the polygon, or of one with more points its rectangle of least area, inside the image.

    Of a rectangle that reaches outside, the part inside is taken where it has four corners. Otherwise its corners move
    onto the border.
    """
    if len(polygon) == 4:
        return polygon
    findings.count("word of more than 4 points, written as a rectangle", place)
    fitted = minimum_area_rectangles(pack_polygons([polygon]))
    along = fitted.direction[0]
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * fitted.size[0] / 2
    corners = (half @ np.array([along, (-along[1], along[0])]) + fitted.center[0]).round(DIGITS)
    inside = corners.clip(0, size)
    if (inside != corners).any():
        findings.count("word whose rectangle reached outside the image, clipped", place)
        clipped = clip_polygon(corners.astype(np.float32), *size)
        if clipped is not None and len(clipped) == 4:
            return clipped
    return order_clockwise(inside.astype(np.float32))


def upright_box(polygon: Polygon, place: str, findings: Findings) -> FloatArray:
    """(4,): left, top, right and bottom of the upright box around a polygon."""
    box = np.concatenate([polygon.min(axis=0), polygon.max(axis=0)]).astype(np.float64)
    left, top, right, bottom = box
    corners = {(left, top), (right, top), (right, bottom), (left, bottom)}
    if len(polygon) != 4 or {(float(x), float(y)) for x, y in polygon} != corners:
        findings.count("word of another shape, written as the upright box around it", place)
    return box


def exact_rectangle(polygon: Polygon) -> Box | None:
    """The box, rotated about its first corner, that four points are within 0.01 px; None of any other polygon."""
    if len(polygon) != 4:
        return None
    points = polygon.astype(np.float64)
    (width_x, width_y), (height_x, height_y) = points[1] - points[0], points[3] - points[0]
    width, height = math.hypot(width_x, width_y), math.hypot(height_x, height_y)
    left, top = map(float, points[0])
    box = Box(left, top, width, height, math.degrees(math.atan2(width_y, width_x)) % 360)
    return box if np.abs(box.corners(1, 1) - points).max() <= TOLERANCE else None


def one_line(text: str, place: str, findings: Findings) -> str:
    """A text without line breaks."""
    if re.search(r"[\r\n]", text):
        findings.count("word with line breaks in its text, written as blanks", place)
    return re.sub(r"\r\n|\r|\n", " ", text)


def xml_text(text: str, place: str, findings: Findings) -> str:
    """A text without the characters that XML has no form for, such as the form feeds of texts out of PDFs."""
    if _NOT_IN_XML.search(text):
        findings.count("word with control characters in its text, written without them", place)
    return _NOT_IN_XML.sub("", text)


def count_lost_text(word: Word, place: str, findings: Findings) -> None:
    """Counts a word's text as lost."""
    if word.text and not word.ignore:
        findings.count("word written without text", place)


def text_or_mark(word: Word, place: str, findings: Findings) -> str:
    """The text; of an ignored word `###`, which is the only mark that there is."""
    if word.ignore and word.text.strip() not in ("", UNREADABLE):
        findings.count("word ignored, its text written as ###", place)
    return UNREADABLE if word.ignore else word.text
