"""The grid of a calibration as an image: its objective over thresh and box_thresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ocr.calibration.calibration_file import Calibration
from ocr.calibration.grid import Settings
from ocr.calibration.objective import describe_objective
from ocr.calibration.search import GridScan
from ocr.geometry.packed import BoolArray
from ocr.visualization.figures import save_figure

CELL_INCHES = (0.48, 0.36)
DARKEST = 0.25
"""Fraction of the cells that all have the darkest colour: far from the peak differences tell nothing."""


def write_heat_map(path: Path, scan: GridScan, calibration: Calibration) -> None:
    """Draw every cell's mean objective, the plateau's border, its peak and centre, and the settings before and found.

    Args:
        path: a PNG, written whole or not at all.
        scan: the grid.
        calibration: what came of it.
    """
    rows, columns = scan.score.shape
    figure = Figure((3.4 + CELL_INCHES[0] * columns, 2.2 + CELL_INCHES[1] * rows), layout="constrained")
    axes = figure.subplots()
    lowest, highest = np.quantile(scan.score, DARKEST), scan.score.max()
    image = axes.imshow(scan.score, origin="lower", aspect="auto", cmap="viridis", vmin=lowest, vmax=highest)
    figure.colorbar(image, label=f"{describe_objective(calibration.iou_weight)}, mean over the images", extend="min")
    _write_values(axes, scan, (lowest + highest) / 2)
    _draw_border(axes, scan.plateau.inside)
    _mark(axes, scan, calibration)
    axes.set_xticks(range(columns), [f"{value:g}" for value in scan.box_thresh], rotation=90)
    axes.set_yticks(range(rows), [f"{value:g}" for value in scan.thresh])
    axes.set(xlabel="box_thresh", ylabel="thresh", title=_title(calibration))
    figure.legend(loc="outside lower center", ncols=5, frameon=False, labelspacing=1.5)
    save_figure(figure, path, dots_per_inch=110)


def _title(calibration: Calibration) -> str:
    others = {name: value for name, value in calibration.defaults.items() if name not in ("thresh", "box_thresh")}
    return f"{calibration.images} images; " + ", ".join(f"{name} {value}" for name, value in others.items())


def _write_values(axes: Axes, scan: GridScan, bright: float) -> None:
    """The objective in each cell in ten thousandths, dark on bright and the other way round."""
    for (row, column), score in np.ndenumerate(scan.score):
        colour = "black" if score > bright else "white"
        axes.text(column, row, f"{1e4 * score:.0f}", ha="center", va="center", fontsize=7, color=colour)


def _draw_border(axes: Axes, inside: BoolArray) -> None:
    """Lines between cells of the plateau and others."""
    padded = np.pad(inside, 1)
    style: dict[str, Any] = {"color": "red", "linewidth": 2.0}
    for row, column in np.argwhere(padded[1:-1, :-1] != padded[1:-1, 1:]).tolist():
        axes.plot([column - 0.5, column - 0.5], [row - 0.5, row + 0.5], **style)
    for row, column in np.argwhere(padded[:-1, 1:-1] != padded[1:, 1:-1]).tolist():
        axes.plot([column - 0.5, column + 0.5], [row - 0.5, row - 0.5], **style)


def _mark(axes: Axes, scan: GridScan, calibration: Calibration) -> None:
    """Frames around the cells that matter; settings between the grid's values lie between its cells."""
    peak, centre = scan.plateau.peak, scan.plateau.centre
    before, found = _place(scan, calibration.defaults), _place(scan, calibration.found)
    marks = {
        "before": (before, "o"),
        "peak of 3 x 3 means": (peak, "^"),
        "centre": (centre, "s"),
        "found": (found, "D"),
    }
    for label, ((row, column), shape) in marks.items():
        axes.plot(column, row, shape, markersize=22, fillstyle="none", color="red", label=label, linestyle="none")
    axes.plot([], [], color="red", linewidth=2.0, label="plateau")


def _place(scan: GridScan, settings: Settings) -> tuple[float, float]:
    """Row and column of settings on the grid; those outside of it lie at its border."""
    row = np.interp(settings["thresh"], scan.thresh, range(len(scan.thresh)))
    column = np.interp(settings["box_thresh"], scan.box_thresh, range(len(scan.box_thresh)))
    return float(row), float(column)
