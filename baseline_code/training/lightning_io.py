"""Lightning's way to the disk, by sealed files."""

from __future__ import annotations

import os
from typing import Any

from lightning_fabric.plugins.io.torch_io import TorchCheckpointIO

from baseline_code.training.checkpoint_io import save_sealed


class AtomicCheckpointIO(TorchCheckpointIO):
    """Lightning's way to the disk, but whole or not at all.

    Departure from Lightning's: that one writes to the system's temporary folder and moves the file, which is a copy
    over the good file where the temporary folder is another file system. Here the earlier checkpoint stays until the
    new one is beside it, forced to the disk.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: object | None = None
    ) -> None:
        """Writes a sealed checkpoint.

        Raises:
            OSError: naming `path`, if it cannot be written; an earlier checkpoint there is then as it was.
        """
        if storage_options is not None:
            raise TypeError(f"expected no storage_options for checkpoints on a disk, got {storage_options!r}")
        save_sealed(checkpoint, path)
