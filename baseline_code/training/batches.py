"""What callbacks and processes ask of batches."""

from __future__ import annotations

from typing import Protocol


class NamedBatch(Protocol):
    """A batch that knows which files its images come from."""

    @property
    def filenames(self) -> tuple[str, ...]:
        """One per image."""


def check_enough_for_processes(images: int, processes: int) -> None:
    """Refuse to divide fewer images than there are processes: one would wait for the others for ever.

    Args:
        images: of a part that is evaluated.
        processes: that divide them.

    Raises:
        ValueError: naming the way on.
    """
    if images < processes:
        raise ValueError(
            f"expected an image for each of {processes} processes to evaluate, got {images}: take fewer "
            "trainer.devices, or a larger part"
        )
