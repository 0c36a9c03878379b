"""Scores of an evaluation, or of folds, as tables."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from ocr.metrics import EvaluationResult
from ocr.visualization.tables import Column, print_table


def print_scores(result: EvaluationResult, *, worst: int = 10, console: Console | None = None) -> None:
    """Prints overall precision, recall and hmean of both metrics, and the images with the lowest CLEval H.

    Of these it tells the words missed and the detections false by IoU, and what CLEval counts: characters missed and
    falsely found, words split, and detections that merge words.

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
    images = result.worst(worst)
    scores, ious = [score.cleval for _, score in images], [score.iou for _, score in images]
    columns = [
        Column("image", [filename for filename, _ in images], least=24),
        Column("hmean", [f"{score.hmean:.4f}" for score in scores]),
        Column("precision", [f"{score.precision:.4f}" for score in scores], dispensable=1),
        Column("recall", [f"{score.recall:.4f}" for score in scores], dispensable=1),
        Column("missed words", [str(iou.ground_truths - iou.matched) for iou in ious], dispensable=2),
        Column("false ones", [str(iou.detections - iou.matched) for iou in ious], dispensable=2),
        Column("missed chars", [str(score.gt_chars - score.tp_chars) for score in scores]),
        Column("false chars", [str(score.fp_chars) for score in scores]),
        Column("splits", [str(score.splits) for score in scores], dispensable=3),
        Column("merges", [str(score.merges) for score in scores], dispensable=3),
    ]
    caption = "words by IoU 0.5; chars (pseudo-characters), splits and merges by CLEval"
    print_table("Worst images, by CLEval", columns, console=console, caption=caption)
