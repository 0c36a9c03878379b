"""Scores of folds as a table."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from ocr.cross_validation.scores import OutOfFoldScores


def print_fold_scores(scores: OutOfFoldScores, console: Console | None = None) -> None:
    """Prints CLEval of each fold, their mean and deviation, and of all images together.

    Args:
        scores: out of fold.
        console: where to print; standard output where None.
    """
    table = Table("fold", "images", "precision", "recall", "hmean", title="Out-of-fold scores (CLEval)")
    for number, fold in enumerate(scores.folds):
        table.add_row(str(number), str(len(fold.images)), *(f"{value:.4f}" for value in fold.cleval))
    table.add_section()
    table.add_row("mean of folds", "", *(f"{value:.4f}" for value in scores.mean))
    table.add_row("deviation", "", *(f"{value:.4f}" for value in scores.deviation))
    table.add_row("all images", str(len(scores.pooled.images)), *(f"{value:.4f}" for value in scores.pooled.cleval))
    (console or Console()).print(table)
