"""The state of torch's random generators, for checkpoints."""

from __future__ import annotations

from typing import Any

import torch


def random_state() -> dict[str, Any]:
    """The state now, in tensors; samples need none of it, their randomness is (seed, epoch, index)."""
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {"cpu": torch.get_rng_state(), "cuda": cuda}


def restore_random_state(state: dict[str, Any] | None) -> None:
    """Go on from a state; that of CUDA only where there are as many devices as then, and None changes nothing."""
    if state is None:
        return
    torch.set_rng_state(state["cpu"])
    if len(state["cuda"]) == torch.cuda.device_count() > 0:
        torch.cuda.set_rng_state_all(state["cuda"])
