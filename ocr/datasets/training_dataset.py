"""All images of a training: the labelled ones, then the pseudo-labelled ones."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from torch.utils.data import ConcatDataset, Dataset

from baseline_code.images.reading import ImageReadError
from ocr.annotations.records import UnreadableImage
from ocr.datasets.batch import DetectionSample

MOST_SKIPPED = 20
"""Images in a row that may be unreadable: where more are, a disk is gone and not a file."""


class TrainingDataset(ConcatDataset[DetectionSample | UnreadableImage]):
    """Several datasets one after the other, by (epoch, index).

    Args:
        datasets: by (epoch, index) too; to skip images they must report those that cannot be read.
        skip_unreadable: the next image that can be read takes the place of one that cannot, so that batches keep their
            size.
    """

    def __init__(
        self, datasets: Sequence[Dataset[DetectionSample | UnreadableImage]], *, skip_unreadable: bool = False
    ) -> None:
        super().__init__(datasets)
        self.skip_unreadable = skip_unreadable

    def __getitem__(self, key: tuple[int, ...]) -> DetectionSample | UnreadableImage:
        """The sample of (epoch, index), index over all datasets.

        Raises:
            baseline_code.images.reading.ImageReadError: as by the datasets; if images are skipped and none of the next
                ones can be read either.
        """
        epoch, index = key[:2]
        if not self.skip_unreadable:
            return self._sample(epoch, index)
        skipped: list[UnreadableImage] = []
        for place in range(index, index + MOST_SKIPPED + 1):
            sample = self._sample(epoch, place % len(self))
            if isinstance(sample, DetectionSample):
                return sample._replace(instead_of=tuple(skipped))
            skipped.append(sample)
        raise ImageReadError(f"expected an image that can be read, got {len(skipped)} in a row: {skipped[0].reason}")

    def _sample(self, epoch: int, index: int) -> DetectionSample | UnreadableImage:
        number = bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[number - 1] if number else 0
        sample: DetectionSample | UnreadableImage = self.datasets[number][epoch, index - before]
        return sample
