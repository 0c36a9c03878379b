"""ICDAR's detection score: one-to-one matches at an intersection over union above 0.5."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ocr.geometry.compiled import exact
from ocr.geometry.packed import BoolArray
from ocr.geometry.polygons import Polygon
from ocr.metrics.cleval import harmonic_mean
from ocr.metrics.overlaps import Overlaps, overlap_ratios
from ocr.metrics.scorable import Flags, pack_ground_truth, pack_scorable

IGNORED_FRACTION = 0.5
"""A detection with more than this fraction of its area in one ignored region counts on neither side."""


@dataclass(frozen=True)
class IoUScore:
    """Matches of one image, with the official per-image ratios.

    Attributes:
        matched: pairs of a ground truth and a detection.
        ground_truths: those that are not ignored.
        detections: those that are not ignored.
        mean_iou: of the matched pairs, in [0, 1]; 0 where there is none.
    """

    matched: int
    ground_truths: int
    detections: int
    mean_iou: float

    @property
    def recall(self) -> float:
        """Matched fraction of the ground truths, in [0, 1]; 1 where there is none."""
        return self.matched / self.ground_truths if self.ground_truths else 1.0

    @property
    def precision(self) -> float:
        """Matched fraction of the detections, in [0, 1]; without any, 1 if there is no ground truth either, else 0."""
        if self.detections == 0:
            return 0.0 if self.ground_truths else 1.0
        return self.matched / self.detections

    @property
    def hmean(self) -> float:
        """Harmonic mean of precision and recall, in [0, 1]."""
        return harmonic_mean(self.precision, self.recall)


class IoUMatching(NamedTuple):
    """Who is whose in one image: N ground truths and M detections, those of four points or more."""

    overlaps: Overlaps
    ignored: BoolArray  # (N,) flags of the ground truths
    rejected: BoolArray  # (M,) detections that do not count: more than half of each lies in one ignored ground truth
    matched: BoolArray  # (N, M) pairs, one to one

    @property
    def score(self) -> IoUScore:
        """The counts."""
        count = int(self.matched.sum())
        return IoUScore(
            matched=count,
            ground_truths=int((~self.ignored).sum()),
            detections=int((~self.rejected).sum()),
            mean_iou=float(self.overlaps.iou[self.matched].mean()) if count else 0.0,
        )


def match_iou(
    ground_truth: Sequence[Polygon],
    ignore: Flags,
    detections: Sequence[Polygon],
    threshold: float = 0.5,
) -> IoUScore:
    """The score of `match_words`, which takes the same arguments."""
    return match_words(ground_truth, ignore, detections, threshold).score


def match_words(
    ground_truth: Sequence[Polygon],
    ignore: Flags,
    detections: Sequence[Polygon],
    threshold: float = 0.5,
) -> IoUMatching:
    """Match one image's detections one to one.

    As in the official script, the ground truths are gone through in order, and each takes the first free detection
    whose IoU is above the threshold, not the best one.

    Args:
        ground_truth: polygons (K, 2), px; those with fewer than four points are skipped.
        ignore: one flag per ground truth; ignored ones, and the detections more than half inside one, do not count.
        detections: polygons (K, 2), px, best first; those with fewer than four points are skipped.
        threshold: IoU that a match must exceed, in [0, 1).

    Raises:
        ValueError: if the threshold is out of range, the flags are not one per ground truth, or a polygon is not a
            finite (K, 2) array.

    Source:
        ICDAR 2015 Robust Reading, challenge 4, task 1: the organisers' `script.py`. Theirs takes quads only.
    """
    if not 0 <= threshold < 1:
        raise ValueError(f"expected an IoU threshold in [0, 1), got {threshold}")
    words, ignored = pack_ground_truth(ground_truth, ignore)
    overlaps = overlap_ratios(words, pack_scorable(detections))
    rejected = np.asarray((overlaps.of_second[ignored] > IGNORED_FRACTION).any(axis=0), dtype=np.bool_)
    matched = _match_in_order((overlaps.iou > threshold) & ~ignored[:, None] & ~rejected)
    return IoUMatching(overlaps, ignored, rejected, matched)


@exact
def _match_in_order(candidates: BoolArray) -> BoolArray:
    """(N, M) one-to-one pairs: each row in order takes its first candidate column that is still free."""
    matched = np.zeros_like(candidates)
    free = np.ones(candidates.shape[1], dtype=np.bool_)
    for row in range(len(candidates)):
        for column in range(len(free)):
            if candidates[row, column] and free[column]:
                matched[row, column] = True
                free[column] = False
                break
    return matched
