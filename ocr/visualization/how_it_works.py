"""The figures of docs/how_it_works.md: labels, the network's three maps, and how a map becomes boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ocr.geometry import Polygon, offset_polygon, scaling, shrink_distance
from ocr.geometry.packed import unpack_polygons
from ocr.label_maps.painting import THRESHOLD_MAX, THRESHOLD_MIN, build_targets
from ocr.postprocess import DBPostProcess
from ocr.postprocess.regions import find_regions
from ocr.visualization.palette import BLUE, ORANGE, PURPLE

Map = npt.NDArray[np.float32]

WIDTH = 10.5  # inches
LABELLED, FOUND, DILATED, REJECTED = BLUE, ORANGE, PURPLE, "#C80000"


class PredictedMaps(NamedTuple):
    """What the network predicts, (H, W) each, in [0, 1]."""

    probability: Map
    threshold: Map
    approximate_binary: Map


def plot_labels(image: npt.NDArray[np.uint8], polygons: Sequence[Polygon], shrink_ratio: float) -> Figure:
    """Draws words with their shrunk and dilated polygons, and the training maps that are made of them.

    Args:
        image: (H, W, 3) uint8 RGB, in the network's frame.
        polygons: (K, 2) each, px of it.
        shrink_ratio: r of D = A (1 - r²) / L.
    """
    targets = build_targets(polygons, [False] * len(polygons), *image.shape[:2], shrink_ratio=shrink_ratio)
    figure, panels = _figure(image, 4)
    _show(panels[0], image, "polygons: label, shrunk, dilated")
    for polygon in polygons:
        distance = shrink_distance(polygon, shrink_ratio)
        _draw(panels[0], polygon, LABELLED)
        for moved, colour in ((-distance, FOUND), (distance, DILATED)):
            for piece in offset_polygon(polygon, moved):
                _draw(panels[0], piece, colour)
    _show(panels[1], targets.probability[0] / 255, "probability label")
    threshold = THRESHOLD_MIN + (THRESHOLD_MAX - THRESHOLD_MIN) * targets.threshold[0] / 255
    _show(panels[2], threshold, "threshold label")
    _show(panels[3], targets.threshold_mask[0], "where the threshold loss counts")
    return figure


def plot_maps(maps: PredictedMaps, row: int) -> Figure:
    """Draws the three maps, and their values along one row.

    Args:
        maps: of one image.
        row: which one.
    """
    figure, panels = _figure(maps.probability, 3)
    titles = ("probability P", "threshold T", "approximate binary B")
    for axes, values, title in zip(panels, maps, titles, strict=True):
        _show(axes, values, title)
        axes.axhline(row, color="white", linewidth=0.8, linestyle="dotted")
    return figure


def plot_row(maps: PredictedMaps, row: int, k: float) -> Figure:
    """Draws the values of the three maps along one row, and the function that joins P and T to B.

    Args:
        maps: of one image.
        row: which one.
        k: the amplifying factor.
    """
    figure = Figure((WIDTH, 2.6), layout="constrained")
    along, function = figure.subplots(1, 2, width_ratios=(3, 1))
    for values, name, colour in zip(maps, "PTB", (LABELLED, FOUND, DILATED), strict=True):
        along.plot(np.arange(values.shape[1]) + 0.5, values[row], label=name, color=colour)
    along.set(xlabel="px along the dotted line", ylim=(-0.03, 1.03))
    along.legend(loc="upper right", frameon=False)
    difference = np.linspace(-0.3, 0.3, 301)
    function.plot(difference, difference > 0, color="0.6", linestyle="dashed", label="step")
    function.plot(difference, 1 / (1 + np.exp(-k * difference)), color=DILATED, label=f"k = {k:g}")
    function.set(xlabel="P - T", title="B")
    function.legend(loc="upper left", frameon=False)
    return figure


def plot_reading(image: npt.NDArray[np.uint8], probability: Map, postprocess: DBPostProcess) -> Figure:
    """Draws how a probability map becomes boxes.

    Args:
        image: (H, W, 3) uint8 RGB, in the network's frame.
        probability: (H, W), of it.
        postprocess: its settings.
    """
    height, width = probability.shape
    regions = find_regions(probability, postprocess.thresh, 0.0, postprocess.max_candidates)
    found = postprocess(probability, scaling(1.0), width, height)
    figure, panels = _figure(image, 4)
    _show(panels[0], probability, "probability P")
    _show(panels[1], probability > postprocess.thresh, f"P > thresh = {postprocess.thresh:g}")
    _show(panels[2], image, "regions, and their scores")
    for contour, score in zip(unpack_polygons(regions.contours), regions.scores, strict=True):
        colour = FOUND if score >= postprocess.box_thresh else REJECTED
        _draw(panels[2], contour + 0.5, colour)
        x, y = contour.min(axis=0)
        panels[2].text(x, y - 2, f"{score:.2f}", fontsize=6, color=colour, clip_on=True)
    _show(panels[3], image, f"moved out, score >= box_thresh = {postprocess.box_thresh:g}")
    for polygon in found.polygons:
        _draw(panels[3], polygon, LABELLED)
    return figure


def _figure(image: npt.NDArray[np.generic], count: int) -> tuple[Figure, list[Axes]]:
    """A row of panels of an image's shape."""
    height, width = image.shape[:2]
    figure = Figure((WIDTH, WIDTH / count * height / width + 0.3), layout="constrained")
    return figure, list(figure.subplots(1, count))


def _show(axes: Axes, values: npt.NDArray[np.generic], title: str) -> None:
    height, width = values.shape[:2]
    axes.imshow(values, cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0), interpolation="nearest")
    axes.set_title(title, fontsize=8)
    axes.autoscale(False)  # what is drawn on it may reach beyond
    axes.set_axis_off()


def _draw(axes: Axes, polygon: npt.NDArray[np.floating], colour: str) -> None:
    closed = np.concatenate((polygon, polygon[:1]))
    axes.plot(*closed.T, color=colour, linewidth=1.2)
