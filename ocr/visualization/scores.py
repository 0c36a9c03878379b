"""Scores of an evaluation or of folds, and what errors of the cores cost, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from ocr.metrics import EvaluationResult
from ocr.metrics.ceiling import CoreErrorScores, suggest_ratio
from ocr.visualization.tables import Column, print_table


def print_scores(result: EvaluationResult, *, worst: int = 10) -> None:
    """Prints overall precision, recall and hmean of both metrics, and the images with the lowest CLEval H.

    Of these it tells the words missed and the detections false by IoU, and what CLEval counts: characters missed and
    falsely found, words split, and detections that merge words.

    Args:
        result: of an evaluation.
        worst: how many images to list.
    """
    overall = Table("metric", "precision", "recall", "hmean", title=f"Scores of {len(result.images)} images")
    for name, ratios in (("CLEval (mean over images)", result.cleval), ("IoU 0.5 (pooled)", result.iou)):
        overall.add_row(name, *(f"{value:.4f}" for value in ratios))
    Console().print(overall)
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
    print_table("Worst images, by CLEval", columns, caption=caption)


def print_core_errors(scores: Sequence[CoreErrorScores], *, core_error: float, shrink_ratio: float) -> None:
    """Prints a row for each size and ratio, and for each size the ratio to take.

    Args:
        scores: size by size.
        core_error: of these, px of the input.
        shrink_ratio: the present one, which the suggestion is compared with; one of the scores'.
    """
    console = Console()
    title = f"CLEval H, IoU H with cores off by {core_error:g} px of the input"
    table = Table("size", "r", "not off", "too thin", "too thick", "each its own", title=title)
    for one in scores:
        table.add_row(str(one.img_size), f"{one.shrink_ratio:g}", *map(_both, one[2:]))
    console.print(table)
    for size, of_size in groupby(scores, key=lambda one: one.img_size):
        rows = list(of_size)
        found, present = suggest_ratio(rows), next(one for one in rows if one.shrink_ratio == shrink_ratio)
        console.print(
            f"{size} px: models.head.shrink_ratio={found.shrink_ratio:g}, {_both(found.noisy)} with cores off each by "
            f"its own; r = {shrink_ratio:g}: {_both(present.noisy)}",
            soft_wrap=True,
        )


def _both(result: EvaluationResult) -> str:
    return f"{result.cleval.hmean:.4f} {result.iou.hmean:.4f}"
