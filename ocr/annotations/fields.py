"""Reads the values of an annotation JSON; what is wrong with one is noted, not raised."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from baseline_code.files.json_file import is_number
from baseline_code.files.shown_text import shorten
from ocr.annotations.faults import Fault, Place
from ocr.geometry.polygons import Polygon

MIN_POINTS = 4
MAX_POINTS = 1000
MAX_SIDE = 1_000_000  # px: no image is wider or higher
MAX_COORDINATE = 1e7  # px: no image is as large
OUTSIDE_TOLERANCE_PX = 5.0
OUTSIDE_TOLERANCE_RATIO = 0.02

Fields = dict[str, Any]


class RepeatedKeys(dict[str, Any]):
    """A JSON object that had a key more than once; `repeated` names them."""

    repeated: tuple[str, ...] = ()


def keep_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Builds a JSON object; a plain dict would silently keep the last of equal keys."""
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    counts = Counter(key for key, _ in pairs)
    marked = RepeatedKeys(plain)
    marked.repeated = tuple(key for key, count in counts.items() if count > 1)
    return marked


def require_object(parent: object, key: str, place: Place, faults: list[Fault]) -> dict[str, Any]:
    """The JSON object at `key`; notes a fault and gives an empty one where there is none."""
    if not isinstance(parent, dict):
        faults.append(Fault(place, f"expected an object with {key!r}, got {shorten(parent)}"))
        return {}
    note_repeated(parent, place, faults)
    note_repeated(parent.get(key), place._replace(part=key), faults)
    if key not in parent:
        present = ", ".join(map(repr, list(parent)[:5])) or "no keys"
        faults.append(Fault(place, f"expected {key!r}, got {present}"))
        return {}
    value = parent[key]
    if not isinstance(value, dict):
        faults.append(Fault(place, f"expected {key!r} to be an object, got {shorten(value)}"))
        return {}
    return value


def note_repeated(value: object, place: Place, faults: list[Fault]) -> None:
    """Notes a fault for each key that an object has more than once."""
    if isinstance(value, RepeatedKeys):
        faults.extend(Fault(place, f"expected each key once, got {key!r} again") for key in value.repeated)


def read_side(fields: Fields, key: str, place: Place, faults: list[Fault]) -> int | None:
    """A side of the image, px; None where it is not given or a fault was noted."""
    value = fields.get(key)
    if value is None:
        return None
    if not _is_number(value) or value != int(value) or not 0 < value <= MAX_SIDE:
        limit = f" of at most {MAX_SIDE}" if isinstance(value, int) and value > MAX_SIDE else ""
        faults.append(Fault(place, f"expected {key} to be a positive integer{limit}, got {shorten(value)}"))
        return None
    return int(value)


def read_polygon(fields: Fields, width: int | None, height: int | None, place: Place, faults: list[Fault]) -> Polygon:
    """(K, 2) float32, clipped where slightly outside; (0, 2) where a fault was noted."""
    empty = np.empty((0, 2), dtype=np.float32)
    fault = _points_fault(fields)
    if fault:
        faults.append(Fault(place, fault))
        return empty
    polygon = np.array(fields["points"], dtype=np.float64)
    for axis, (name, side) in enumerate((("x", width), ("y", height))):
        if side is None:
            continue
        values = [point[axis] for point in fields["points"]]  # min and max of so few are faster without numpy
        low, high = min(values), max(values)
        fault = outside_fault(name, low, high, side)
        if fault:
            faults.append(Fault(place, fault, "outside"))
            return empty
        if low < 0 or high > side:
            np.clip(polygon[:, axis], 0, side, out=polygon[:, axis])
    return polygon.astype(np.float32)


def read_text(fields: Fields, place: Place, faults: list[Fault]) -> str:
    """The transcription, "" where there is none."""
    value = fields.get("transcription")
    if value is None:
        return ""
    if not isinstance(value, str):
        faults.append(Fault(place, f"expected transcription to be text or null, got {shorten(value)}"))
        return ""
    return value


def read_illegibility(fields: Fields, place: Place, faults: list[Fault]) -> bool:
    """Whether the word is marked as illegible."""
    value = fields.get("illegibility")
    if isinstance(value, str):
        value = {"true": True, "false": False, "1": True, "0": False, "": False}.get(value.strip().lower(), value)
    if value is None or (isinstance(value, bool | int | float) and value in (0, 1)):
        return bool(value)
    faults.append(Fault(place, f"expected illegibility to be true or false, got {shorten(value)}"))
    return False


def read_confidence(fields: Fields, place: Place, faults: list[Fault]) -> float | None:
    """The score of a predicted word, in [0, 1]; None where there is none."""
    value = fields.get("confidence")
    if value is None:
        return None
    if not _is_number(value) or not 0 <= value <= 1:
        faults.append(Fault(place, f"expected confidence in [0, 1], got {shorten(value)}"))
        return 0.0
    return float(value)


def outside_fault(axis: str, low: float, high: float, side: int) -> str | None:
    """What is wrong with a polygon that reaches outside the image by more than the tolerance; None where it does not.

    Args:
        axis: its name.
        low: least coordinate, px.
        high: greatest coordinate, px.
        side: of the image along the axis, px.
    """
    tolerance = max(OUTSIDE_TOLERANCE_PX, OUTSIDE_TOLERANCE_RATIO * side)
    if low >= -tolerance and high <= side + tolerance:
        return None
    return f"expected {axis} in 0..{side} as displayed, got {low if low < -tolerance else high:g}"


def _points_fault(fields: Fields) -> str | None:
    """What is wrong with a word's points, in words; None where they are at least four pairs of finite numbers."""
    if "points" not in fields:
        return "expected 'points', got " + (", ".join(map(repr, list(fields)[:5])) or "no keys")
    points = fields["points"]
    if not isinstance(points, list):
        return f"expected points [[x, y], …], got {shorten(points)}"
    if len(points) > MAX_POINTS:
        return f"expected at most {MAX_POINTS} points, got {len(points)}; simplify the polygon"
    for index, point in enumerate(points):
        if not isinstance(point, list) or len(point) != 2:
            return f"expected point {index} to be [x, y], got {shorten(point)}"
        if not (_is_number(point[0]) and _is_number(point[1])):
            return f"expected point {index} to be two finite numbers, got {shorten(point)}"
    if len(points) < MIN_POINTS:
        return f"expected at least {MIN_POINTS} points, got {len(points)}"
    return None


def _is_number(value: object) -> bool:
    """Whether a JSON value is a number of a size that pixels can have."""
    return is_number(value, -MAX_COORDINATE, MAX_COORDINATE)
