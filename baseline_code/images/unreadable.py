"""Images that cannot be read: which they are, and what trains in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from baseline_code.images.reading import ImageReadError

MOST_SKIPPED = 20
"""Images in a row that may be unreadable: where more are, a disk is gone and not a file."""
Sample = TypeVar("Sample")


class UnreadableImage(NamedTuple):
    """A file that could not be read, and why."""

    filename: str
    reason: str


def first_readable(
    read: Callable[[int], Sample], names: Sequence[str], index: int
) -> tuple[Sample, tuple[UnreadableImage, ...]]:
    """The sample of the first image from `index` on that can be read, behind the last one from the beginning again.

    Args:
        read: an index to its sample.
        names: of all images.
        index: where to begin.

    Returns:
        The sample, and the images before it.

    Raises:
        ImageReadError: if none of the next ones can be read either.
    """
    skipped: list[UnreadableImage] = []
    for place in range(index, index + MOST_SKIPPED + 1):
        image = place % len(names)
        try:
            return read(image), tuple(skipped)
        except ImageReadError as error:
            skipped.append(UnreadableImage(names[image], str(error)))
    raise ImageReadError(f"expected an image that can be read, got {len(skipped)} in a row: {skipped[0].reason}")
