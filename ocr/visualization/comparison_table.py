"""A comparison of two predictions as tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ocr.statistics import PairedGain
from ocr.submission.comparison import Comparison, ImageChange, LabelledGain
from ocr.visualization.tables import Column, print_table

_SURE = 0.95  # of P(gain > 0), or of P(gain < 0)


def print_comparison(comparison: Comparison, *, show: int = 20) -> None:
    """Prints both scores and whether their difference is more than chance, then the images that changed most.

    Args:
        comparison: of two predictions.
        show: how many images to list.
    """
    console = Console()
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
        _print_images(changed[:show], len(changed), labelled=comparison.labelled is not None)


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


def _print_images(images: Sequence[ImageChange], changed: int, *, labelled: bool) -> None:
    polygons = [image.polygons for image in images]
    columns = [Column("image", [image.filename for image in images], least=24)]
    if labelled:
        columns += [
            Column("first", [f"{image.before:.4f}" for image in images]),
            Column("second", [f"{image.after:.4f}" for image in images]),
            Column("gain", [f"{image.gain:+.4f}" for image in images]),
        ]
    columns += [
        Column("agreement", [f"{changes.agreement:.4f}" for changes in polygons], dispensable=1),
        Column("moved", [str(changes.moved) for changes in polygons]),
        Column("lost", [str(changes.lost) for changes in polygons]),
        Column("gained", [str(changes.gained) for changes in polygons]),
    ]
    print_table(f"What changed, {len(images)} of {changed} images", columns)
