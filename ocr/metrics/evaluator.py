"""Scores of a data set: CLEval and IoU of each image and over all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry.polygons import Polygon
from ocr.metrics.cleval import CLEvalScore, cleval, harmonic_mean
from ocr.metrics.iou import IoUScore, match_iou
from ocr.metrics.scorable import Flags

Scores = Sequence[float] | npt.NDArray[np.floating]


class ImageScore(NamedTuple):
    """Both scores of one image; plain and picklable, so that processes can exchange it."""

    cleval: CLEvalScore
    iou: IoUScore

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Ratios and every count: `{"cleval": {…}, "iou": {…}}`."""
        ratios = {"precision": self.iou.precision, "recall": self.iou.recall, "hmean": self.iou.hmean}
        return {"cleval": asdict(self.cleval), "iou": ratios | asdict(self.iou)}


def score_image(
    ground_truth: Sequence[Polygon],
    ignore: Flags,
    detections: Sequence[Polygon],
    scores: Scores | None = None,
) -> ImageScore:
    """Score one image. Depends on nothing else, so that threads may score images side by side.

    Args:
        ground_truth: N polygons (K, 2), float32, px of the original image.
        ignore: (N,) flags; true ones count on neither side.
        detections: M polygons (K, 2), float32, px of the original image; CLEval takes the first 500.
        scores: (M,) confidences by which the detections are sorted, best first and equal ones in order; without
            them, the detections are taken as sorted.

    Raises:
        ValueError: if lengths disagree, a score is NaN, or a polygon is not a finite (K, 2) array.
    """
    ranked = detections if scores is None else _best_first(detections, scores)
    return ImageScore(cleval(ground_truth, ignore, ranked), match_iou(ground_truth, ignore, ranked))


class Ratios(NamedTuple):
    """Precision, recall and their harmonic mean, or means of these; in [0, 1]."""

    precision: float
    recall: float
    hmean: float


@dataclass(frozen=True)
class EvaluationResult:
    """Scores of a data set.

    Attributes:
        cleval: means of the images' CLEval P, R and H, so that H is not quite 2 P R / (P + R).
        iou: P, R and H of the counts pooled over all images.
        images: by file name, in the order in which they were first seen.
    """

    cleval: Ratios
    iou: Ratios
    images: Mapping[str, ImageScore]

    def to_dict(self) -> dict[str, Any]:
        """For JSON: `{"overall": {"cleval": {…}, "iou": {…}}, "images": {"<file>": {"cleval": {…}, "iou": {…}}}}`."""
        return {
            "overall": {"cleval": self.cleval._asdict(), "iou": self.iou._asdict()},
            "images": {filename: score.to_dict() for filename, score in self.images.items()},
        }

    def worst(self, n: int) -> list[tuple[str, ImageScore]]:
        """Up to n images, lowest CLEval H first; equal ones by file name."""
        ranked = sorted(self.images.items(), key=lambda item: (item[1].cleval.hmean, item[0]))
        return ranked[:n]


class Evaluator:
    """Collects the scores of images, one `update` each, and sums them up.

    Update it for every image of the data set: an image without a prediction scores 0 and pulls the mean down. By
    CLEval's rules (a ratio with divisor 0 is 0) an image with neither ground truths nor detections scores 0 as well,
    as does one whose ground truths are all ignored. In the pooled IoU counts such an image weighs nothing.
    """

    def __init__(self) -> None:
        self._records: dict[str, ImageScore] = {}

    @property
    def records(self) -> dict[str, ImageScore]:
        """A copy of what was collected, by file name: what to send to another process for its `merge`."""
        return dict(self._records)

    def update(
        self,
        filename: str,
        ground_truth: Sequence[Polygon],
        ignore: Flags,
        detections: Sequence[Polygon],
        scores: Scores | None = None,
    ) -> None:
        """Score the image of a file as `score_image` does; a second update of the same file replaces the first.

        Raises:
            ValueError: as `score_image`, naming the file.
        """
        try:
            score = score_image(ground_truth, ignore, detections, scores)
        except ValueError as error:
            raise ValueError(f"{filename}: {error}") from error
        self._records[filename] = score

    def merge(self, records: Mapping[str, ImageScore]) -> None:
        """Add scores by file name: another evaluator's `records`, or what threads got from `score_image`.

        Images that both have are counted once, with the score that came last.
        """
        self._records.update(records)

    def reset(self) -> None:
        """Forget all images."""
        self._records.clear()

    def compute(self) -> EvaluationResult:
        """Scores so far; all 0 where there is no image."""
        clevals = [score.cleval for score in self._records.values()]
        means = Ratios(
            _mean(score.precision for score in clevals),
            _mean(score.recall for score in clevals),
            _mean(score.hmean for score in clevals),
        )
        return EvaluationResult(means, _pool([score.iou for score in self._records.values()]), self.records)


def _best_first(detections: Sequence[Polygon], scores: Scores) -> list[Polygon]:
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != (len(detections),):
        raise ValueError(f"expected one score per detection ({len(detections)}), got an array of shape {values.shape}")
    if np.isnan(values).any():
        raise ValueError(f"expected scores that can be ordered, got NaN at {np.flatnonzero(np.isnan(values)).tolist()}")
    return [detections[index] for index in np.argsort(-values, kind="stable")]


def _mean(values: Iterable[float]) -> float:
    collected = list(values)
    return float(np.mean(collected)) if collected else 0.0


def _pool(scores: Sequence[IoUScore]) -> Ratios:
    """Ratios of the summed counts; 0 where nothing is to be found, or nothing was, as in the official script."""
    matched = sum(score.matched for score in scores)
    ground_truths = sum(score.ground_truths for score in scores)
    detections = sum(score.detections for score in scores)
    precision = matched / detections if detections else 0.0
    recall = matched / ground_truths if ground_truths else 0.0
    return Ratios(precision, recall, harmonic_mean(precision, recall))
