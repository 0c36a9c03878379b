"""JSON objects of a file that people write: keys may be missing, or there twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ocr.annotations.faults import shorten


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


def require_object(parent: object, key: str, place: str, faults: list[str]) -> dict[str, Any]:
    """The JSON object at `key`; notes a fault and gives an empty one where there is none."""
    if not isinstance(parent, dict):
        faults.append(f"{place}: expected an object with {key!r}, got {shorten(parent)}")
        return {}
    note_repeated(parent, place, faults)
    note_repeated(parent.get(key), f"{place}, {key}", faults)
    if key not in parent:
        present = ", ".join(map(repr, list(parent)[:5])) or "no keys"
        faults.append(f"{place}: expected {key!r}, got {present}")
        return {}
    value = parent[key]
    if not isinstance(value, dict):
        faults.append(f"{place}: expected {key!r} to be an object, got {shorten(value)}")
        return {}
    return value


def note_repeated(value: object, place: str, faults: list[str]) -> None:
    """Notes a fault for each key that an object has more than once."""
    if isinstance(value, RepeatedKeys):
        faults.extend(f"{place}: expected each key once, got {key!r} again" for key in value.repeated)
