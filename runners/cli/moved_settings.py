"""Settings that have another name today, or are gone, so that what was written with the old ones still loads."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

MOVED: Mapping[str, str | None] = {
    "datasets.val_share": "datasets.val_fraction",
    "datasets.test_share": "datasets.test_fraction",
    "pictures": "sheet_images",
    "datasets.build_maps": None,
}
"""Today's key by the old one; None: the setting is gone."""


def rename_moved(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings under today's keys, without those that are gone; a value that has today's key already wins."""
    renamed: dict[str, Any] = copy.deepcopy(dict(settings))
    for old, new in MOVED.items():
        *groups, name = old.split(".")
        group = _find(renamed, groups)
        if name not in group:
            continue
        value = group.pop(name)
        if new is not None:
            *groups, name = new.split(".")
            _find(renamed, groups).setdefault(name, value)
    return renamed


def explain_moved(key: str) -> str | None:
    """What to type instead of an old key; None if it is none."""
    if key not in MOVED:
        return None
    new = MOVED[key]
    return f"{key} is called {new} now" if new else f"{key} is no longer a setting: leave it out"


def _find(settings: dict[str, Any], groups: Sequence[str]) -> dict[str, Any]:
    """The group of these names, one within the other; an empty one if it is not there."""
    for name in groups:
        inner = settings.get(name)
        settings = inner if isinstance(inner, dict) else {}
    return settings
