"""The two checkpoints of a run: the best epoch's and the last one's."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint

from baseline_code.training.callbacks.validation import is_validated

EPOCH = "epoch"  # what Lightning's checkpoints can monitor where nothing is validated: the largest is the last


class RunCheckpoint(ModelCheckpoint):
    """Writes one file at the ends of epochs, in place of the earlier one.

    Departures from Lightning's: the state is found again whatever the settings, and wherever the run's folder lies by
    now; a score of an earlier epoch is never taken for that of one without a validation.

    Args:
        folder: of the file.
        name: of the file, without `.ckpt`.
        monitor: the score whose best epoch is kept, `epoch` for the last one, or None: every epoch's, unconditionally.
        mode: `max` or `min`.

    Attributes:
        carried: whether the best file so far lies in `folder` where a training goes on; if not, the best is chosen
            among the epochs to come.
    """

    def __init__(self, folder: Path, name: str, monitor: str | None = None, mode: str = "max") -> None:
        super().__init__(
            dirpath=folder,
            filename=name,
            monitor=monitor,
            mode=mode,
            every_n_epochs=1,
            save_on_train_epoch_end=True,
            enable_version_counter=False,
        )
        self.name = name
        self.carried = True

    @property
    def state_key(self) -> str:
        """`best.ckpt`, whatever is monitored."""
        return f"{self.name}{self.FILE_EXTENSION}"

    @property
    def path(self) -> Path:
        """Of the file."""
        return Path(str(self.dirpath)) / self.state_key

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Lightning warns of a folder that is not empty; here that is a training that goes on."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Checkpoint directory .* exists and is not empty")
            super().setup(trainer, pl_module, stage)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes, where the epoch is better; one that was not validated is no candidate for the best score."""
        if self.monitor in (None, EPOCH) or not str(self.monitor).startswith("val_") or is_validated(trainer):
            super().on_train_epoch_end(trainer, pl_module)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on with the best score so far, of the file that now lies here."""
        if not self.carried or self.monitor is None or state_dict["best_model_score"] is None:
            return
        path = str(self.path)
        here = dict.fromkeys(("best_model_path", "kth_best_model_path"), path)
        best = {path: state_dict["best_model_score"]}
        super().load_state_dict({**state_dict, **here, "best_k_models": best, "dirpath": self.dirpath})
