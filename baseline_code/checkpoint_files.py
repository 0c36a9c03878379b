"""Checkpoints on the disk: whole or not at all, and without holding up the training for long."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import torch
from lightning_fabric.plugins import TorchCheckpointIO


class CheckpointFiles(TorchCheckpointIO):
    """Writes a checkpoint straight to a hidden file beside its place, and moves it there.

    Lightning's own makes the whole file in memory, then a second copy of it, a third one in the folder for temporary
    files, and moves that: three times the work, for which every epoch waits twice (the best one and the last).
    """

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | os.PathLike[str],
        storage_options: Any | None = None,  # noqa: ANN401 - Lightning's signature
    ) -> None:
        """Replaces the file; a reader sees the old content or the new one.

        Args:
            checkpoint: what `torch.save` takes.
            path: of a local file; missing folders are made.
            storage_options: none.

        Raises:
            OSError: if it cannot be written; an older file is then as it was, and nothing else is left behind.
            TypeError: if there are storage options, which a local file has no use for.
        """
        if storage_options is not None:
            raise TypeError(f"expected no storage_options for a local checkpoint, got {storage_options!r}")
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            with temporary.open("xb") as file:
                torch.save(checkpoint, file)
            temporary.replace(target)
        except BaseException:  # an interrupt by the user leaves nothing behind either
            temporary.unlink(missing_ok=True)
            raise
