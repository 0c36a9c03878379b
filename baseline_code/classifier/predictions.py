"""What a classifier says of images, and its CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from baseline_code.files.csv_file import write_csv
from baseline_code.images.unreadable import UnreadableImage


class Prediction(NamedTuple):
    """What was said of one image."""

    filename: str
    class_name: str  # the likeliest
    probabilities: tuple[float, ...]  # of each class, in [0, 1]


@dataclass(frozen=True)
class BatchPrediction:
    """What was said of a batch, and which of its files could not be read."""

    predictions: tuple[Prediction, ...]
    unreadable: tuple[UnreadableImage, ...] = ()

    def to(self, device: torch.device | str) -> BatchPrediction:
        """Itself: it holds no tensors. Lightning asks, and would otherwise take it apart."""
        return self


@dataclass(frozen=True)
class LabelledPredictions:
    """Every image of a split with its label and what was said of it, in the split's order."""

    filenames: tuple[str, ...]
    labels: npt.NDArray[np.int64] = field(repr=False)  # (N,)
    probabilities: npt.NDArray[np.float32] = field(repr=False)  # (N, C)

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """(N,) the likeliest class of each image."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    def worst(self, count: int) -> npt.NDArray[np.int64]:
        """Positions of at most `count` misclassified images, the most confident mistakes first."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        sureness = self.probabilities[wrong].max(axis=1) if len(wrong) else np.zeros(0)
        return wrong[np.argsort(-sureness, kind="stable")][:count]


def write_class_csv(
    path: Path, filenames: Sequence[str], classes: Sequence[str], predictions: Iterable[Prediction]
) -> None:
    """Writes `filename,class,probability_<class>,…`, whole or not at all.

    Args:
        path: where to.
        filenames: every image that was asked for, in the order of the rows; those without a prediction get empty
            fields.
        classes: the names, in the order of the probabilities.
        predictions: in any order.
    """
    found: Mapping[str, Prediction] = {prediction.filename: prediction for prediction in predictions}
    rows = [["filename", "class", *(f"probability_{name}" for name in classes)]]
    for name in filenames:
        one = found.get(name)
        said = (
            [one.class_name, *(f"{fraction:.6f}" for fraction in one.probabilities)]
            if one
            else [""] * (len(classes) + 1)
        )
        rows.append([name, *said])
    write_csv(path, rows)
