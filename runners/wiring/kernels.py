"""Which kernels an accelerator computes with, by the settings."""

from __future__ import annotations

import torch

from runners.cli.settings import Settings

PRECISIONS = ("highest", "high", "medium")


def use_matmul_precision(precision: str) -> None:
    """Sets how float32 matrices are multiplied, `trainer.float32_matmul_precision`; nothing without a CUDA device.

    Raises:
        ValueError: for a value that torch does not know.
    """
    if precision not in PRECISIONS:
        raise ValueError(
            f"expected trainer.float32_matmul_precision to be one of {', '.join(PRECISIONS)}, got {precision!r}"
        )
    if torch.cuda.is_available():
        torch.set_float32_matmul_precision(precision)


def tries_kernels(settings: Settings) -> bool:
    """Whether cuDNN times its convolutions for each new shape and keeps the fastest, `trainer.benchmark`.

    `auto` is yes where every batch has one shape (all but `datasets.padding=multiple`), and no where a training is to
    be deterministic.
    """
    chosen = settings.trainer["benchmark"]
    if chosen != "auto":
        return bool(chosen)
    return settings.datasets.get("padding") != "multiple" and not settings.trainer["deterministic"]
