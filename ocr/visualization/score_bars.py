"""Scores of runs side by side, as bars."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from ocr.visualization.palette import COLOURS

LOSS = "loss"
"""The score that has no upper end; the others lie in [0, 1]."""

_LABEL, _TITLE = 44, 110  # characters of a line


class ScoredRun(NamedTuple):
    """A run's label, and its scores by their names."""

    label: str
    scores: Mapping[str, float]


class ScoreChart(NamedTuple):
    """Runs that the same scores compare, the first at the top."""

    title: str
    runs: Sequence[ScoredRun]


def plot_scores(charts: Sequence[ScoreChart]) -> Figure:
    """Draws charts below each other: a panel for each score, in it a bar for each run, with its value.

    A run has its label once, beside its bars, and one colour in all panels. A score that a run lacks, or that is not
    finite, leaves its place empty.

    Args:
        charts: one at least, each with one run at least and with no more than there are `COLOURS`.

    Raises:
        ValueError: if there is no chart, or one has too few or too many runs.
    """
    for chart in charts:
        if not 0 < len(chart.runs) <= len(COLOURS):
            raise ValueError(f"expected 1 to {len(COLOURS)} runs in a chart, got {len(chart.runs)}: {chart.title}")
    if not charts:
        raise ValueError("expected a chart with runs, got none")
    heights = [_height(chart) for chart in charts]
    figure = Figure(figsize=(12, sum(heights)), layout="constrained")
    rows = figure.subfigures(len(charts), 1, height_ratios=heights, squeeze=False)[:, 0]
    for row, chart in zip(rows, charts, strict=True):
        _draw(row, chart)
    return figure


def _height(chart: ScoreChart) -> float:
    """Inches, so that the longest label fits beside its bar."""
    most_lines = max(len(label.splitlines()) for label in _labels(chart))
    return 1.2 + len(chart.runs) * (0.2 + 0.17 * most_lines)


def _labels(chart: ScoreChart) -> list[str]:
    return [textwrap.fill(run.label, _LABEL, break_on_hyphens=False) for run in chart.runs]


def _draw(row: SubFigure, chart: ScoreChart) -> None:
    labels = _labels(chart)
    row.suptitle("\n".join(textwrap.fill(line, _TITLE) for line in chart.title.splitlines()), parse_math=False)
    names = list(dict.fromkeys(name for run in chart.runs for name in run.scores))
    panels = row.subplots(1, len(names), sharey=True, squeeze=False)[0]
    panels[0].set_yticks(range(len(labels)), labels, parse_math=False)
    panels[0].set_ylim(len(labels) - 0.5, -0.5)
    for axes, name in zip(panels, names, strict=True):
        _draw_panel(axes, name, [run.scores.get(name, math.nan) for run in chart.runs])


def _draw_panel(axes: Axes, name: str, values: Sequence[float]) -> None:
    finite = {place: value for place, value in enumerate(values) if math.isfinite(value)}
    colours = [COLOURS[place] for place in finite]
    bars = axes.barh(list(finite), list(finite.values()), 0.7, color=colours, edgecolor="black", linewidth=0.5)
    axes.bar_label(bars, [f"{value:.4f}" for value in finite.values()], padding=3, fontsize=9)
    longest = max(finite.values(), default=1.0) if name == LOSS else 1.0
    axes.set_xlim(0, 1.35 * (longest or 1.0))  # room for the values behind the bars
    if name != LOSS:
        axes.set_xticks([0, 0.5, 1])
        axes.spines["bottom"].set_bounds(0, 1)
    axes.set_title(f"{name} (smaller is better)" if name == LOSS else name, fontsize=10)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right"]].set_visible(False)
