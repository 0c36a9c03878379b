"""Scores as tables."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from ocr.metrics import EvaluationResult


def print_scores(result: EvaluationResult, *, worst: int = 10, console: Console | None = None) -> None:
    """Prints overall precision, recall and hmean of both metrics, and the images with the lowest CLEval H.

    Of these it tells the characters that were missed and those falsely found, splits and merges.

    Args:
        result: of an evaluation.
        worst: how many images to list.
        console: where to print; standard output where None.
    """
    console = console or Console()
    overall = Table("metric", "precision", "recall", "hmean", title=f"Scores of {len(result.images)} images")
    for name, ratios in (("CLEval (mean over images)", result.cleval), ("IoU 0.5 (pooled)", result.iou)):
        overall.add_row(name, *(f"{value:.4f}" for value in ratios))
    console.print(overall)
    if worst < 1:
        return
    images = Table(title="Worst images")
    images.add_column("image", no_wrap=True)
    for name in ("hmean", "precision", "recall", "missed", "false", "splits", "merges"):
        images.add_column(name)
    for filename, score in result.worst(worst):
        counts = score.cleval
        images.add_row(
            filename,
            *(f"{value:.4f}" for value in (counts.hmean, counts.precision, counts.recall)),
            *(
                str(value)
                for value in (counts.gt_chars - counts.tp_chars, counts.fp_chars, counts.splits, counts.merges)
            ),
        )
    console.print(images)
