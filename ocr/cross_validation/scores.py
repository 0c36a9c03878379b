"""Scores of K detectors, each on the images that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ocr.annotations.words import ImageAnnotation
from ocr.error_analysis import ErrorAnalysis, analyse_errors
from ocr.metrics import EvaluationResult, Evaluator, Ratios
from ocr.postprocess import Detections


@dataclass(frozen=True)
class OutOfFoldScores:
    """Each image is scored once, by the detector of its fold.

    Attributes:
        folds: scores of each fold's images.
        pooled: scores over all images, each of the same weight.
        errors: of all images, also by fold.
    """

    folds: tuple[EvaluationResult, ...]
    pooled: EvaluationResult
    errors: ErrorAnalysis

    @property
    def mean(self) -> Ratios:
        """Mean over folds of their CLEval P, R and H."""
        return Ratios(*np.mean([fold.cleval for fold in self.folds], axis=0).tolist())

    @property
    def deviation(self) -> Ratios:
        """Sample standard deviation over folds of their CLEval P, R and H (divisor K - 1)."""
        return Ratios(*np.std([fold.cleval for fold in self.folds], axis=0, ddof=1).tolist())

    def to_dict(self) -> dict[str, Any]:
        """For JSON: `folds` (a list), `mean`, `deviation` (CLEval), `overall`, `images` and `errors` of all images."""
        folds = [{"images": len(fold.images)} | fold.to_dict()["overall"] for fold in self.folds]
        return {
            "folds": folds,
            "mean": self.mean._asdict(),
            "deviation": self.deviation._asdict(),
            **self.pooled.to_dict(),
            "errors": self.errors.to_dict(),
        }


def score_folds(
    folds: Sequence[Sequence[str]],
    annotations: Mapping[str, ImageAnnotation],
    detections: Mapping[str, Detections],
) -> OutOfFoldScores:
    """Scores what each fold's detector found in the fold's own images.

    Args:
        folds: file names of each of at least two folds.
        annotations: labels by file name.
        detections: what was found, by file name; an image that is missing counts as one where nothing was found.
    """
    pooled = Evaluator()
    results = []
    for filenames in folds:
        evaluator = Evaluator()
        for name in filenames:
            label, found = annotations[name], detections.get(name)
            polygons, scores = (found.polygons, found.scores) if found else ((), None)
            evaluator.update(name, label.polygons, label.ignore, polygons, scores)
        pooled.merge(evaluator.records)
        results.append(evaluator.compute())
    splits = {name: f"fold {number}" for number, names in enumerate(folds) for name in names}
    everything = {name: detected.polygons for name, detected in detections.items()}
    errors = analyse_errors([annotations[name] for name in splits], everything, pooled.compute(), splits)
    return OutOfFoldScores(tuple(results), pooled.compute(), errors)


def print_fold_scores(scores: OutOfFoldScores) -> None:
    """Prints CLEval of each fold, their mean and deviation, and of all images together."""
    table = Table("fold", "images", "precision", "recall", "hmean", title="Out-of-fold scores (CLEval)")
    for number, fold in enumerate(scores.folds):
        table.add_row(str(number), str(len(fold.images)), *(f"{value:.4f}" for value in fold.cleval))
    table.add_section()
    table.add_row("mean of folds", "", *(f"{value:.4f}" for value in scores.mean))
    table.add_row("deviation", "", *(f"{value:.4f}" for value in scores.deviation))
    table.add_row("all images", str(len(scores.pooled.images)), *(f"{value:.4f}" for value in scores.pooled.cleval))
    Console().print(table)
