"""Order of the samples in an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pytorch_lightning as pl
from torch.utils.data import Sampler

Rows = npt.NDArray[np.int64]


class SampleKey(NamedTuple):
    """Which image, and all that its randomness depends on beside the seed."""

    epoch: int
    image: int  # its index
    repeat: int = 0  # how often the image came before in this epoch


class EpochSampler(Sampler[SampleKey]):
    """Yields keys, so that a sample's randomness can come from (seed, epoch, index) in any worker.

    The order of an epoch depends on (seed, epoch) alone. With `shapes`, images of similar shape are batched together,
    which saves padding; batches themselves stay shuffled. Among several processes each takes every `world_size`-th
    batch; in training (`shuffle`) all get the same number, the last ones from the front again, in evaluation none comes
    twice.

    Args:
        length: number of samples.
        batch_size: samples per batch, the unit that is assigned to processes.
        seed: of the order.
        shuffle: training order; otherwise 0, 1, 2, …
        shapes: one number per sample (such as width / height) by which batches are grouped, or None.
        balanced_by: (length,) class of each sample, to train on as many of each class (to within one), `length` in all:
            of a large class some stay out of an epoch, those of a small one come repeatedly, each as often as the
            others to within one. None: each sample comes once.
        rank: of this process.
        world_size: number of processes.

    Attributes:
        epoch: the one whose order comes next, from 0; a resumed training sets it.
    """

    POOL = 16  # batches among which shapes are sorted: large enough to group, small enough to stay random

    def __init__(
        self,
        length: int,
        batch_size: int,
        *,
        seed: int,
        shuffle: bool,
        shapes: Sequence[float] | None = None,
        balanced_by: Rows | None = None,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self.length = length
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.shapes = None if shapes is None else np.asarray(shapes)
        self.balanced_by = balanced_by
        self.rank = rank
        self.world_size = world_size
        self.epoch = 0

    @classmethod
    def of_process(
        cls,
        trainer: pl.Trainer | None,
        length: int,
        batch_size: int,
        *,
        seed: int,
        shuffle: bool = False,
        shapes: Sequence[float] | None = None,
        balanced_by: Rows | None = None,
    ) -> Self:
        """The sampler of this process of a trainer; None: there is one process.

        In evaluation batches are smaller where there would be fewer of them than processes.

        Raises:
            ValueError: if an evaluation has fewer images than processes: one would wait for the others for ever.
        """
        rank, processes = (trainer.global_rank, trainer.world_size) if trainer else (0, 1)
        if not shuffle and processes > 1:
            if length < processes:
                raise ValueError(
                    f"expected an image for each of {processes} processes to evaluate, got {length}: take fewer "
                    "trainer.devices, or a larger split"
                )
            batch_size = min(batch_size, length // processes)
        return cls(
            length,
            batch_size,
            seed=seed,
            shuffle=shuffle,
            shapes=shapes,
            balanced_by=balanced_by,
            rank=rank,
            world_size=processes,
        )

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[SampleKey]:
        """The keys of this process, in order."""
        return iter([SampleKey(self.epoch, *row) for batch in self._own_batches() for row in batch.tolist()])

    def __len__(self) -> int:
        """Number of samples of this process in an epoch."""
        return sum(map(len, self._own_batches()))

    def _own_batches(self) -> list[Rows]:
        batches = self._batches()
        if self.shuffle:
            batches += islice(cycle(list(batches)), -len(batches) % self.world_size)
        return batches[self.rank :: self.world_size]

    def _batches(self) -> list[Rows]:
        """(B, 2) index and repeat of the samples of each batch."""
        rows, size = np.stack([np.arange(self.length), np.zeros(self.length, np.int64)], axis=1), self.batch_size
        if not self.shuffle:
            return [rows[start : start + size] for start in range(0, self.length, size)]
        rng = np.random.default_rng((self.seed, self.epoch))
        if self.balanced_by is not None:
            rows = balanced_choice(self.balanced_by, rng)
        rows = rows[rng.permutation(self.length)]
        if self.shapes is not None:
            pools = [rows[start : start + size * self.POOL] for start in range(0, self.length, size * self.POOL)]
            rows = np.concatenate([pool[np.argsort(self.shapes[pool[:, 0]], kind="stable")] for pool in pools])
        batches = [rows[start : start + size] for start in range(0, self.length, size)]
        # The incomplete batch stays last: a loader cuts the flat order every `batch_size` samples.
        whole = self.length // size
        return [batches[i] for i in rng.permutation(whole)] + batches[whole:]


def balanced_choice(labels: Rows, rng: np.random.Generator) -> Rows:
    """As many indices of each class as of every other, to within one; as many as labels in all.

    Args:
        labels: (N,) classes.
        rng: which images of a class come (once more), and which classes have one more.

    Returns:
        (N, 2) indices grouped by class, and how often each came before.
    """
    present = rng.permutation(np.unique(labels))
    each, more = divmod(len(labels), len(present))
    chosen = []
    for place, label in enumerate(present):
        members = np.flatnonzero(labels == label)
        wanted = np.arange(each + (place < more))
        chosen.append(np.stack([rng.permutation(members)[wanted % len(members)], wanted // len(members)], axis=1))
    return np.concatenate(chosen)
