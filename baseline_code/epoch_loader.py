"""A data loader that can begin an epoch early."""

from __future__ import annotations

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
    """Loads the first batches of an epoch before it is asked for, where processes that persist load them.

    Its sampler is an `EpochSampler`; an epoch that was begun is handed out where the sampler is still at it. Otherwise
    it is given up, and the sampler's epoch comes, as from any loader.
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

    def __iter__(self) -> Any:  # noqa: ANN401 - torch's iterators have no public type
        """The batches of the sampler's epoch."""
        begun, self._begun = self._begun, None
        if begun is not None and begun == cast(EpochSampler, self.sampler).epoch:
            return self._iterator
        return super().__iter__()
