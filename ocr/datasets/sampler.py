"""Order of the samples in an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice

import numpy as np
from torch.utils.data import Sampler


class EpochSampler(Sampler[tuple[int, int]]):
    """Yields (epoch, index), so that a sample's randomness can come from (seed, epoch, index) in any worker.

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
        rank: of this process.
        world_size: number of processes.
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
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self.length = length
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.shapes = None if shapes is None else np.asarray(shapes)
        self.rank = rank
        self.world_size = world_size
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """(epoch, index) of this process, in order."""
        return iter([(self.epoch, index) for batch in self._own_batches() for index in batch])

    def __len__(self) -> int:
        """Number of samples of this process in an epoch."""
        return sum(map(len, self._own_batches()))

    def _own_batches(self) -> list[list[int]]:
        batches = self._batches()
        if self.shuffle:
            batches += islice(cycle(list(batches)), -len(batches) % self.world_size)
        return batches[self.rank :: self.world_size]

    def _batches(self) -> list[list[int]]:
        size = self.batch_size
        if not self.shuffle:
            return [list(range(start, min(start + size, self.length))) for start in range(0, self.length, size)]
        rng = np.random.default_rng((self.seed, self.epoch))
        order = rng.permutation(self.length)
        if self.shapes is not None:
            pools = [order[start : start + size * self.POOL] for start in range(0, self.length, size * self.POOL)]
            order = np.concatenate([pool[np.argsort(self.shapes[pool], kind="stable")] for pool in pools])
        batches = [order[start : start + size].tolist() for start in range(0, self.length, size)]
        # The incomplete batch stays last: a loader cuts the flat order every `batch_size` samples.
        whole = self.length // size
        return [batches[i] for i in rng.permutation(whole)] + batches[whole:]
