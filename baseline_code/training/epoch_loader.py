"""A data loader that knows which epoch it loads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar, cast

from torch.utils.data import DataLoader

T = TypeVar("T")


class EpochSampler(Protocol):
    """A sampler whose order depends on the epoch."""

    epoch: int

    def set_epoch(self, epoch: int) -> None:
        """Chooses the epoch whose order comes next."""
        ...


class EpochLoader(DataLoader[T]):
    """Hands out the epoch that its `EpochSampler` is at when the first batch is asked for.

    A plain loader with processes fixes it when the iterator is made. Lightning makes that of a resumed training before
    it tells the sampler its epoch: the images of epoch 0 came again.

    Processes that persist may begin an epoch before it is asked for. It is given up where the sampler is at another one
    by then.
    """

    _begun: int | None = None

    def begin(self, epoch: int) -> None:
        """Lets the processes begin an epoch; the one before must have been handed out whole, or is given up.

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
        at_hand = begun is not None and begun == cast(EpochSampler, self.sampler).epoch
        yield from cast(Iterator[Any], self._iterator if at_hand else super().__iter__())
