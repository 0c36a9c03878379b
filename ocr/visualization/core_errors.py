"""What errors of the cores cost, as a table and in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from ocr.metrics.core_errors import CoreErrorScores, suggest_ratio
from ocr.metrics.evaluator import EvaluationResult


def print_core_errors(
    scores: Sequence[CoreErrorScores], *, core_error: float, shrink_ratio: float, console: Console | None = None
) -> None:
    """Prints a row for each size and ratio, and for each size the ratio to take.

    Args:
        scores: size by size.
        core_error: of these, px of the input.
        shrink_ratio: the present one, which the suggestion is compared with; one of the scores'.
        console: where to print; standard output where None.
    """
    console = console or Console()
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
