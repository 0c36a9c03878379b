"""Which of a training's processes this is."""

from __future__ import annotations

from pytorch_lightning.utilities import rank_zero_only


def is_first_process() -> bool:
    """Whether this is the process that writes, of the several of a training on several devices."""
    return int(getattr(rank_zero_only, "rank", 0)) == 0
