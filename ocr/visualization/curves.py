"""Scores of runs over their epochs, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ocr.visualization.palette import COLOURS

SHOWN = ("train_loss", "val_loss", "val_accuracy", "val_hmean")
"""What has a panel, where any of the runs has it."""

_MARKERS = "osD^vP*X"


class Curve(NamedTuple):
    """A run's label, and what each of its epochs logged, the first epoch first."""

    label: str
    epochs: Sequence[Mapping[str, float]]


def plot_curves(curves: Sequence[Curve]) -> Figure:
    """Draws a panel for each of `SHOWN` that a run has, and in it a line for each run; epochs count from 1.

    A run has one colour and marker in all panels, which the legend below them tells.

    Args:
        curves: one at least, and no more than there are colours.

    Raises:
        ValueError: if there are too few or too many, or none of them has anything to show.
    """
    if not 0 < len(curves) <= len(COLOURS):
        raise ValueError(f"expected 1 to {len(COLOURS)} runs in a chart, got {len(curves)}")
    names = [name for name in SHOWN if any(name in epoch for curve in curves for epoch in curve.epochs)]
    if not names:
        raise ValueError(f"expected runs with one of {', '.join(SHOWN)} in their epochs, got none")
    figure = Figure(figsize=(4 * len(names), 3.2 + 0.22 * len(curves)), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        _draw(axes, name, curves)
    lines, labels = panels[0].get_legend_handles_labels()
    legend = figure.legend(lines, labels, loc="outside lower left", frameon=False)
    for text in legend.get_texts():
        text.set_parse_math(False)  # `${datasets.img_size}` is no formula
    return figure


def _draw(axes: Axes, name: str, curves: Sequence[Curve]) -> None:
    for curve, colour, marker in zip(curves, COLOURS, _MARKERS, strict=False):
        values = {number: epoch[name] for number, epoch in enumerate(curve.epochs, start=1) if name in epoch}
        axes.plot(list(values), list(values.values()), color=colour, marker=marker, markersize=4, label=curve.label)
    axes.set_title(name, fontsize=10)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
