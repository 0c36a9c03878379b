"""A comparison of two predictions as tables."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ocr.statistics import PairedGain
from ocr.submission.comparison import Comparison, ImageChange, LabelledGain

_SURE = 0.95  # of P(gain > 0), or of P(gain < 0)


def print_comparison(comparison: Comparison, *, show: int = 20, console: Console | None = None) -> None:
    """Prints both scores and whether their difference is more than chance, then the images that changed most.

    Args:
        comparison: of two predictions.
        show: how many images to list.
        console: where to print; standard output where None.
    """
    console = console or Console()
    if comparison.labelled is not None:
        console.print(_scores(comparison.labelled, len(comparison.images)))
        console.print(describe_gain(comparison.labelled.hmean), highlight=False)
    polygons = comparison.polygons
    console.print(
        f"Polygons: {polygons.stayed} stayed, {polygons.moved} moved, {polygons.lost} lost, {polygons.gained} gained; "
        f"agreement {polygons.agreement:.4f}",
        highlight=False,
    )
    changed = [image for image in comparison.images if image.gain or image.polygons.changed]
    if changed and show > 0:
        console.print(_images(changed[:show], len(changed), labelled=comparison.labelled is not None))


def describe_gain(gain: PairedGain) -> str:
    """A gain of H in words, e.g. `gain +0.0012 ± 0.0005, 95 % in [+0.0002, +0.0023], P(gain > 0) = 0.99: better`."""
    verdict = "no difference beyond chance"
    if gain.probability >= _SURE:
        verdict = "the second is better"
    elif gain.probability <= 1 - _SURE:
        verdict = "the first is better"
    return (
        f"gain {gain.mean:+.5f} ± {gain.standard_error:.5f}, 95 % in [{gain.low:+.5f}, {gain.high:+.5f}], "
        f"P(gain > 0) = {gain.probability:.3f}: {verdict}"
    )


def _scores(labelled: LabelledGain, images: int) -> Table:
    table = Table("CLEval", "precision", "recall", "hmean", title=f"Scores of {images} images")
    table.add_row("first", *(f"{value:.5f}" for value in labelled.before))
    table.add_row("second", *(f"{value:.5f}" for value in labelled.after))
    differences = (new - old for old, new in zip(labelled.before, labelled.after, strict=True))
    table.add_row("second - first", *(f"{value:+.5f}" for value in differences))
    return table


def _images(images: list[ImageChange], changed: int, *, labelled: bool) -> Table:
    table = Table(title=f"What changed, {len(images)} of {changed} images")
    table.add_column("image", overflow="fold")
    for name in (*(("first", "second", "gain") if labelled else ()), "agreement", "moved", "lost", "gained"):
        table.add_column(name, justify="right", no_wrap=True)
    for image in images:
        scores = (f"{image.before:.4f}", f"{image.after:.4f}", f"{image.gain:+.4f}") if labelled else ()
        polygons = image.polygons
        counts = map(str, (polygons.moved, polygons.lost, polygons.gained))
        table.add_row(escape(image.filename), *scores, f"{polygons.agreement:.4f}", *counts)
    return table
