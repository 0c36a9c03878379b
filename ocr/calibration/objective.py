"""What a calibration maximises: CLEval H, IoU H, or a weighted sum of the two."""

from __future__ import annotations

import numpy as np

from ocr.calibration.grid import GridScores
from ocr.geometry.packed import FloatArray


def objective(scores: GridScores, iou_weight: float) -> FloatArray:
    """(S, N) whose mean over the images is (1 - w) · CLEval H + w · IoU H of each of S settings.

    Args:
        scores: of S settings on N images.
        iou_weight: w, in [0, 1]; above 0 the scores have the IoU.
    """
    if iou_weight == 0:
        return scores.hmean
    return np.asarray((1 - iou_weight) * scores.hmean + iou_weight * _iou_parts(scores), dtype=np.float64)


def iou_hmean(scores: GridScores) -> FloatArray:
    """(S,) IoU H of each setting: of the counts pooled over the images, 0 where there is nothing to count."""
    return np.asarray(2 * scores.matched.sum(axis=1) / np.maximum(scores.counted.sum(axis=1), 1), dtype=np.float64)


def describe_objective(iou_weight: float) -> str:
    """For people: `CLEval H`, `IoU H`, or both with their weights."""
    if iou_weight in (0, 1):
        return "IoU H" if iou_weight else "CLEval H"
    return f"{1 - iou_weight:g} CLEval H + {iou_weight:g} IoU H"


def _iou_parts(scores: GridScores) -> FloatArray:
    """(S, N): what each image adds to the pooled IoU H, so that the mean is H and the spread that of H.

    H is a ratio of sums, 2 Σ matched / Σ counted. An image's part is H + (2 matched - H counted) / mean(counted): the
    linearised ratio of Cochran, "Sampling Techniques", 1977, chapter 6. The parts may leave [0, 1].
    """
    hmean = iou_hmean(scores)[:, None]
    mean_counted = scores.counted.sum(axis=1, keepdims=True) / max(scores.counted.shape[1], 1)
    return np.asarray(hmean + (2 * scores.matched - hmean * scores.counted) / np.maximum(mean_counted, 1e-9))
