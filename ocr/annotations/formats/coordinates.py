"""Numbers of label files, checked: pairs, flat lists, sizes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from baseline_code.files.shown_text import shorten
from ocr.annotations.words import Size
from ocr.geometry.packed import FloatArray

NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(rf"\s*{NUMBER}\s*")


def is_number_text(text: str) -> bool:
    """Whether a text is a decimal number; nan, infinity and 1_000 are none."""
    return _NUMBER.fullmatch(text) is not None


def number(value: object) -> float:
    """A finite number, also one written as text.

    Raises:
        ValueError: if it is none.
    """
    if isinstance(value, str) and is_number_text(value):
        value = float(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"expected a number, got {shorten(value)}")
    return float(value)


def numbers(values: object, count: int | None = None) -> list[float]:
    """A list of numbers.

    Args:
        values: as read.
        count: how many there must be; None: any.

    Raises:
        ValueError: if it is none, or of another length.
    """
    if not isinstance(values, list | tuple):
        raise ValueError(f"expected a list of numbers, got {shorten(values)}")
    if count is not None and len(values) != count:
        raise ValueError(f"expected {count} numbers, got {len(values)}")
    return [number(value) for value in values]


def flat_points(values: object) -> FloatArray:
    """(K, 2) points of a list x1, y1, x2, y2, ….

    Raises:
        ValueError: if its length is odd, or an entry is no number.
    """
    flat = numbers(values)
    if len(flat) % 2:
        raise ValueError(f"expected an even number of coordinates, got {len(flat)}")
    return np.array(flat, np.float64).reshape(-1, 2)


def paired_points(values: object) -> FloatArray:
    """(K, 2) points of a list [[x, y], …].

    Raises:
        ValueError: if it is another one.
    """
    if not isinstance(values, list | tuple):
        raise ValueError(f"expected points [[x, y], …], got {shorten(values)}")
    return np.array([numbers(point, 2) for point in values], np.float64).reshape(-1, 2)


def points_of_axes(xs: Sequence[object], ys: Sequence[object]) -> FloatArray:
    """(K, 2) points of a list of x and one of y.

    Raises:
        ValueError: if one is longer, or an entry is no number.
    """
    if len(xs) != len(ys):
        raise ValueError(f"expected as many x as y, got {len(xs)} x and {len(ys)} y")
    return paired_points(list(zip(xs, ys, strict=True)))


def stated_size(width: object, height: object) -> Size | None:
    """The size of an image that labels state, px; None where they state none (null, 0 or missing).

    Raises:
        ValueError: if it is no whole number.
    """
    sides = [number(value or 0) for value in (width, height)]
    if any(side < 0 or side != int(side) for side in sides):
        raise ValueError(f"expected the image's width and height in px, got {shorten(width)} and {shorten(height)}")
    return (int(sides[0]), int(sides[1])) if all(sides) else None
