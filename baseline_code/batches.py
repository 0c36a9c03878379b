"""What callbacks ask of any batch."""

from __future__ import annotations

from typing import Protocol


class NamedBatch(Protocol):
    """A batch that knows which files its images come from."""

    @property
    def filenames(self) -> tuple[str, ...]:
        """One per image."""
