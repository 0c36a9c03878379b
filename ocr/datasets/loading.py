"""The data loader of training and evaluation: by epoch, in processes that keep their threads to themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import cv2
import torch
from torch.utils.data import DataLoader, Dataset

from baseline_code.training.epoch_loader import EpochLoader
from ocr.datasets.sampler import EpochSampler

T = TypeVar("T")


def load(
    dataset: Dataset[T], sampler: EpochSampler, collate: Callable[[list[T]], object], num_workers: int
) -> DataLoader[T]:
    """Loads samples in the sampler's order and batches.

    Args:
        dataset: takes (epoch, index).
        sampler: yields these.
        collate: a list of samples -> a batch.
        num_workers: processes that load; 0: none.
    """
    return EpochLoader(
        dataset,
        batch_size=sampler.batch_size,
        sampler=sampler,
        num_workers=num_workers,
        collate_fn=collate,
        pin_memory=torch.cuda.is_available(),
        persistent_workers=num_workers > 0,
        worker_init_fn=_use_one_thread,
        generator=torch.Generator(),  # of its own: what loads draws nothing from torch's, which resuming restores
    )


def _use_one_thread(_: int) -> None:
    cv2.setNumThreads(0)
