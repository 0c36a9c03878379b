"""Order of the images in an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from torch.utils.data import Sampler

from baseline_code.datasets.source import Labels


class SampleKey(NamedTuple):
    """Which image, and all that its randomness depends on beside the seed."""

    epoch: int
    image: int  # its index
    repeat: int = 0  # how often the image came before in this epoch


class ClassificationSampler(Sampler[SampleKey]):
    """Yields keys, so that a sample's randomness can come from (seed, epoch, index) in any worker.

    The order of an epoch depends on (seed, epoch) alone. In training each of several processes gets the same number of
    images (the last ones from the front again); in evaluation every image comes once.

    Args:
        labels: (N,) classes of the images.
        seed: of the order.
        shuffle: training order; otherwise 0, 1, 2, …
        balanced: as many images of each class (to within one), N in all: of a large class some stay out of an epoch,
            those of a small one come repeatedly, each as often as the others to within one. For training only.
        rank: of this process.
        world_size: number of processes.
    """

    def __init__(
        self,
        labels: Labels,
        *,
        seed: int,
        shuffle: bool,
        balanced: bool = False,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self.labels = labels
        self.seed = seed
        self.shuffle = shuffle
        self.balanced = balanced
        self.rank = rank
        self.world_size = world_size
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Number of images of this process in an epoch."""
        missing = -len(self.labels) % self.world_size if self.shuffle else 0
        return len(range(self.rank, len(self.labels) + missing, self.world_size))

    def __iter__(self) -> Iterator[SampleKey]:
        """Keys of this process, in order."""
        order = np.arange(len(self.labels))
        repeats = np.zeros_like(order)
        if self.shuffle:
            rng = np.random.default_rng((self.seed, self.epoch))
            if self.balanced:
                order, repeats = balanced_choice(self.labels, rng)
            shuffled = rng.permutation(len(order))
            shuffled = np.concatenate([shuffled, shuffled[: -len(order) % self.world_size]])
            order, repeats = order[shuffled], repeats[shuffled]
        own = slice(self.rank, None, self.world_size)
        pairs = zip(order[own].tolist(), repeats[own].tolist(), strict=True)
        return iter([SampleKey(self.epoch, index, repeat) for index, repeat in pairs])


def balanced_choice(labels: Labels, rng: np.random.Generator) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """As many indices of each class as of every other, to within one; as many as labels in all.

    Args:
        labels: (N,) classes.
        rng: which images of a class come (once more), and which classes have one more.

    Returns:
        (N,) indices grouped by class, and (N,) how often each came before.
    """
    present = rng.permutation(np.unique(labels))
    each, more = divmod(len(labels), len(present))
    order, repeats = [], []
    for place, label in enumerate(present):
        members = np.flatnonzero(labels == label)
        wanted = np.arange(each + (place < more))
        order.append(rng.permutation(members)[wanted % len(members)])
        repeats.append(wanted // len(members))
    return np.concatenate(order), np.concatenate(repeats)
