"""The words of a data set as charts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from ocr.data_report.advice import SIZES
from ocr.data_report.word_shapes import SMALL_PX, WordShapes
from ocr.geometry.packed import FloatArray, IntArray
from ocr.transforms.geometric import Letterbox
from ocr.visualization.palette import COLOURS

BINS = 40


def plot_words(shapes: Mapping[str, WordShapes], letterbox: Letterbox) -> Figure:
    """Draws how words are distributed, a line for each split: count, height, length / height, angle, and small ones.

    Args:
        shapes: of each split, by its name; those without a readable word are left out.
        letterbox: how the network sees images.
    """
    shown = {name: one for name, one in shapes.items() if len(one.heights)}
    figure = Figure(figsize=(13, 7), layout="constrained")
    panels = figure.subplots(2, 3).ravel()
    _draw(panels[0], "readable words in an image", {name: one.words for name, one in shown.items()})
    _draw(panels[1], "height of a word, px of the image", {name: one.heights for name, one in shown.items()}, log=True)
    at_size = {name: one.heights_at(letterbox) for name, one in shown.items()}
    _draw(panels[2], f"height of a word at {letterbox.img_size} px", at_size, log=True)
    panels[2].axvline(SMALL_PX, color="grey", linestyle="--")
    ratios = {name: one.lengths / np.maximum(one.heights, 1e-9) for name, one in shown.items()}
    _draw(panels[3], "length / height of a word", ratios, log=True)
    _draw(panels[4], "angle of a word, degrees clockwise", {name: one.angles for name, one in shown.items()})
    for (name, one), colour in zip(shown.items(), COLOURS, strict=False):
        fractions = [100 * one.small_fraction(letterbox.at(size)) for size in SIZES]
        panels[5].plot(fractions, color=colour, marker="o", markersize=4, label=name)
    panels[5].axvline(np.interp(letterbox.img_size, SIZES, range(len(SIZES))), color="grey", linestyle="--")
    panels[5].set_ylim(bottom=0)
    _style(panels[5], f"words under {SMALL_PX:g} px by datasets.img_size", "% of the words")
    panels[5].set_xticks(range(len(SIZES)), list(map(str, SIZES)))
    if shown:
        figure.legend(*panels[5].get_legend_handles_labels(), loc="outside lower center", ncols=8, frameon=False)
    return figure


def _draw(axes: Axes, title: str, values: Mapping[str, FloatArray | IntArray], *, log: bool = False) -> None:
    joined = np.concatenate([*values.values(), []])
    if log:
        joined = joined[joined > 0]
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_locator(NullLocator())
    if len(joined):
        low, high = np.quantile(joined, (0.001, 0.999))
        high = high if high > low else low + 1
        edges = np.geomspace(low, high, BINS) if log else np.linspace(low, high, BINS)
        for own, colour in zip(values.values(), COLOURS, strict=False):
            counts, _ = np.histogram(np.clip(own, low, high), edges)
            axes.stairs(100 * counts / max(len(own), 1), edges, color=colour, linewidth=1.5)
    _style(axes, title, "%")


def _style(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(title, fontsize=10)
    axes.set_ylabel(unit)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
