"""Which polygons of two predictions of one image are the same word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry import Polygon
from ocr.metrics.overlaps import overlap_ratios
from ocr.metrics.scorable import pack_scorable

SAME_WORD = 0.5
"""IoU that two polygons of one word must exceed; above it a polygon has hardly more than one partner."""
STAYED = 0.8
"""IoU at and above which a word stayed where it was: rounding to whole pixels leaves 0.855 of a word of 20 x 10 px."""


class PolygonChanges(NamedTuple):
    """What became of one image's polygons."""

    stayed: int  # pairs of IoU >= STAYED
    moved: int  # pairs of a lower IoU
    lost: int  # of `before`, without partner
    gained: int  # of `after`, without partner

    @property
    def changed(self) -> int:
        """Polygons that did not stay."""
        return self.moved + self.lost + self.gained

    @property
    def agreement(self) -> float:
        """2 pairs / (polygons before + after), in [0, 1]; 1 where there is no polygon at all."""
        pairs = self.stayed + self.moved
        polygons = 2 * pairs + self.lost + self.gained
        return 2 * pairs / polygons if polygons else 1.0


def compare_polygons(before: Sequence[Polygon], after: Sequence[Polygon]) -> PolygonChanges:
    """Matches polygons one to one, the pair of the highest IoU first.

    Args:
        before: polygons (K, 2), px; those with fewer than four points are skipped.
        after: polygons (K, 2), px, of the same image.

    Raises:
        ValueError: if a polygon is not a finite (K, 2) array.
    """
    first, second = pack_scorable(before), pack_scorable(after)
    ious = overlap_ratios(first, second).iou
    paired = _pair_best_first(ious)
    stayed = int((paired >= STAYED).sum())
    moved = len(paired) - stayed
    return PolygonChanges(stayed, moved, lost=ious.shape[0] - len(paired), gained=ious.shape[1] - len(paired))


def _pair_best_first(ious: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """IoUs of the pairs above `SAME_WORD`; of equal ones the earlier row comes first."""
    rows, columns = np.nonzero(ious > SAME_WORD)
    free_rows, free_columns = np.ones(ious.shape[0], dtype=np.bool_), np.ones(ious.shape[1], dtype=np.bool_)
    paired = []
    for index in np.argsort(-ious[rows, columns], kind="stable"):
        row, column = rows[index], columns[index]
        if free_rows[row] and free_columns[column]:
            free_rows[row] = free_columns[column] = False
            paired.append(ious[row, column])
    return np.array(paired, dtype=np.float64)
