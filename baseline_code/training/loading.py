"""Data loaders that know which epoch they load, and how many processes feed them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, Literal, Self, TypeVar, cast

import cv2
import pytorch_lightning as pl
import torch
from pytorch_lightning.trainer.states import TrainerFn
from torch.utils.data import DataLoader, Dataset

from baseline_code.training.sampler import EpochSampler

T = TypeVar("T")
Workers = int | Literal["auto"]
"""Processes per loader; 0 loads in the main process."""

MOST = 16


class EpochLoader(DataLoader[T]):
    """Loads the epoch that its `EpochSampler` is at when the first batch is asked for.

    A plain loader with processes fixes it when the iterator is made. Lightning makes that of a resumed training before
    it tells the sampler its epoch: the images of epoch 0 came again.

    Processes that persist may begin an epoch before it is asked for. It is given up where the sampler is at another one
    by then.
    """

    _begun: int | None = None

    @classmethod
    def build(
        cls, dataset: Dataset[T], sampler: EpochSampler, collate: Callable[[list[T]], object], num_workers: int
    ) -> Self:
        """The loader of a data module: workers persist and take one thread each.

        Args:
            dataset: takes the sampler's keys.
            sampler: gives the order and the batch size.
            collate: joins the samples of a batch.
            num_workers: processes; 0 loads in the main process.
        """
        return cls(
            dataset,
            batch_size=sampler.batch_size,
            sampler=sampler,
            num_workers=num_workers,
            collate_fn=collate,
            pin_memory=torch.cuda.is_available(),
            persistent_workers=num_workers > 0,
            worker_init_fn=_one_thread_per_worker,
            generator=torch.Generator(),  # of its own: what loads draws nothing from torch's, which resuming restores
        )

    def begin(self, epoch: int) -> None:
        """Lets the processes begin an epoch; the one before must have been loaded whole, or is given up.

        Args:
            epoch: its number, from 0.
        """
        if self.num_workers == 0 or not self.persistent_workers or self._begun == epoch:
            return
        cast(EpochSampler, self.sampler).set_epoch(epoch)
        super().__iter__()
        self._begun = epoch

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """The batches of the sampler's epoch."""
        begun, self._begun = self._begun, None
        is_loading = begun is not None and begun == cast(EpochSampler, self.sampler).epoch
        yield from cast(Iterator[Any], self._iterator if is_loading else super().__iter__())


class NextEpochLoading(pl.Callback):
    """Lets the loading processes begin the next epoch as soon as a training's epoch has its last batch.

    They would be idle during the validation, and the first step after it would wait for the first batch.
    """

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begins where the epoch is validated."""
        self._begin(trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begins where it is not, before anything is saved."""
        self._begin(trainer)

    def _begin(self, trainer: pl.Trainer) -> None:
        following, last, loader = trainer.current_epoch + 1, trainer.max_epochs, trainer.train_dataloader
        ends = trainer.should_stop or (last is not None and 0 <= last <= following)
        if trainer.state.fn == TrainerFn.FITTING and not ends and isinstance(loader, EpochLoader):
            loader.begin(following)


def count_workers(setting: Workers) -> int:
    """The number of loading processes that a setting means on this machine.

    Args:
        setting: a number, which is taken as it is, or `auto`. With CUDA devices that is each device's fraction of the
            cores, at most `MOST`. Without one the network computes on the cores itself, and is slower than one process
            (on up to three cores) or two.

    Raises:
        ValueError: for another word, or a number below 0.
    """
    if setting == "auto":
        devices = torch.cuda.device_count()
        return max(1, min(MOST, _cores() // devices if devices else min(2, _cores() // 2)))
    if type(setting) is not int or setting < 0:
        raise ValueError(f"expected datasets.num_workers to be auto or a number from 0, got {setting!r}")
    return setting


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one_thread_per_worker(_: int) -> None:
    cv2.setNumThreads(0)
