"""The charts of a report, as SVG."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ocr.error_analysis import MISSED_KINDS, ErrorAnalysis, Kind
from ocr.metrics import EvaluationResult, Ratios
from ocr.report.thresholds import ThresholdScore
from ocr.visualization.errors import METRICS
from ocr.visualization.palette import BLUE, COLOURS, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILION, YELLOW

BINS = 24
FOUND = GREEN
GREY = "#767676"
KIND_COLOURS: dict[Kind, str] = {
    "none": VERMILION,
    "merged": PURPLE,
    "split": BLUE,
    "loose": YELLOW,
    "piece": SKY_BLUE,
    "ignored": GREY,
    "background": ORANGE,
}


def draw_distributions(runs: Mapping[str, EvaluationResult]) -> str:
    """How many images have which H, of each metric."""
    figure = Figure(figsize=(7.6, 2.6), layout="constrained")
    for axes, (metric, title) in zip(figure.subplots(1, 2), METRICS.items(), strict=True):
        values = [[getattr(image, metric).hmean for image in run.images.values()] for run in runs.values()]
        low = min((value for run in values for value in run), default=0.0)
        bins = np.linspace(min(np.floor(low * 20) / 20, 0.95), 1.0, BINS + 1)
        for colour, name, run in zip(COLOURS, runs, values, strict=False):
            axes.hist(run, bins.tolist(), histtype="stepfilled", color=colour, alpha=0.35)
            axes.hist(run, bins.tolist(), histtype="step", color=colour, label=name)
        _label(axes, f"{title} H of an image", "images")
    if len(runs) > 1:
        _add_legend(figure, columns=len(runs))
    return to_svg(figure, "distributions")


def draw_thresholds(runs: Mapping[str, Sequence[ThresholdScore]]) -> str:
    """Precision, recall and H of both metrics if only detections from a score on were kept."""
    figure = Figure(figsize=(7.6, 2.6), layout="constrained")
    for axes, (metric, title) in zip(figure.subplots(1, 2), METRICS.items(), strict=True):
        for colour, (name, curve) in zip(COLOURS, runs.items(), strict=False):
            ratios: list[Ratios] = [getattr(point.scores, metric) for point in curve]
            for field, style in (("precision", "--"), ("recall", ":"), ("hmean", "-")):
                label = "H" if field == "hmean" else field
                label = f"{name} {label}" if len(runs) > 1 else label
                heights = [getattr(one, field) for one in ratios]
                axes.plot([point.threshold for point in curve], heights, style, color=colour, label=label, marker=".")
        _label(axes, "detections with at least this score", title)
    _add_legend(figure, columns=3)
    return to_svg(figure, "thresholds")


def draw_missed(errors: ErrorAnalysis, name: str) -> str:
    """Which fraction of a run's words of each height and aspect is missed, by kind."""
    figure = Figure(figsize=(7.6, 2.6), layout="constrained")
    for axes, trait in zip(figure.subplots(1, 2), ("height", "aspect"), strict=True):
        slices = {name: one for name, one in errors.breakdown.get(trait, {}).items() if one.words}
        below = np.zeros(len(slices))
        for kind in MISSED_KINDS:
            parts = np.array([one.missed[kind] / one.words for one in slices.values()])
            axes.bar(list(slices), parts, bottom=below, color=KIND_COLOURS[kind], label=kind, edgecolor="white")
            below += parts
        for place, one in enumerate(slices.values()):
            axes.text(place, below[place], f"{one.words}", ha="center", va="bottom", fontsize=7)
        _label(axes, f"{trait} of the word (above: words)", f"fraction missed, {name}")
        axes.margins(y=0.15)
        axes.tick_params(axis="x", rotation=35, labelsize=7)
    _add_legend(figure, columns=len(MISSED_KINDS))
    return to_svg(figure, f"missed {name}")


def to_svg(figure: Figure, name: str) -> str:
    """The `<svg>` of a figure, its text as text; `name` keeps the ids of several in one page apart."""
    stream = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Type": None, "Format": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]


def _label(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x, fontsize=8)
    axes.set_ylabel(y, fontsize=8)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def _add_legend(figure: Figure, columns: int) -> None:
    """One legend above all panels, which have the same entries."""
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=columns, fontsize=7)
