"""How far a loop has come: its items pass through what shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Track(Protocol):
    """Passes items on and shows how many have gone by; `rich.progress.track` is one."""

    def __call__(self, sequence: Iterable[Item], description: str, total: int) -> Iterable[Item]:
        """The same items in the same order."""


def silent(sequence: Iterable[Item], description: str, total: int) -> Iterable[Item]:
    """Shows nothing."""
    return sequence
