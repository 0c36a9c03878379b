"""A calibration as tables, for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from ocr.calibration.calibrate import Calibrated
from ocr.calibration.calibration_file import Calibration, override_line, verdict
from ocr.calibration.objective import describe_objective
from ocr.calibration.search import GridScan

AROUND = 4
"""Rows and columns of the grid shown on each side of the plateau's centre."""


def print_calibration(calibrated: Calibrated) -> None:
    """Prints the objective around the plateau, settings and scores before and after, the verdict, and what to type."""
    console = Console()
    calibration = calibrated.calibration
    console.print(_grid_table(calibrated.scan, describe_objective(calibration.iou_weight)))
    console.print(_settings_table(calibration))
    console.print(_score_table(calibration))
    console.print(verdict(calibration))
    if _touches_border(calibrated.scan):
        console.print("The peak lies at the border of the grid: widen search.axes.thresh or search.axes.box_thresh.")
    line = override_line(calibration)
    if line:
        console.print("The settings found, to type:")
        console.print(line, soft_wrap=True, highlight=False)


def _grid_table(scan: GridScan, objective: str) -> Table:
    """The mean objective in ten thousandths; the plateau in bold, its centre in brackets."""
    row, column = scan.plateau.centre
    rows, columns = scan.score.shape
    shown = range(max(0, column - AROUND), min(columns, column + AROUND + 1))
    table = Table(
        "thresh",
        *(f"{scan.box_thresh[index]:g}" for index in shown),
        title=f"{objective} in ten thousandths, box_thresh to the right; plateau bold, its centre in brackets",
    )
    for line in reversed(range(max(0, row - AROUND), min(rows, row + AROUND + 1))):
        table.add_row(f"{scan.thresh[line]:g}", *(_cell(scan, line, index) for index in shown))
    return table


def _cell(scan: GridScan, row: int, column: int) -> str:
    value = f"{1e4 * scan.score[row, column]:.0f}"
    value = f"({value})" if (row, column) == scan.plateau.centre else value
    return f"[bold]{value}[/bold]" if scan.plateau.inside[row, column] else value


def _touches_border(scan: GridScan) -> bool:
    (row, column), (rows, columns) = scan.plateau.peak, scan.score.shape
    return row in (0, rows - 1) or column in (0, columns - 1)


def _settings_table(calibration: Calibration) -> Table:
    table = Table("setting", "before", "found", title="Settings")
    for name, value in calibration.defaults.items():
        table.add_row(name, str(value), str(calibration.found[name]))
    return table


def _score_table(calibration: Calibration) -> Table:
    columns = ("precision", "recall", "hmean", "IoU hmean")
    objective = describe_objective(calibration.iou_weight)
    table = Table(
        "settings",
        *columns,
        title=f"CLEval and IoU of {calibration.images} images",
        caption=f"cross-fitted, chosen without the image: {objective} {calibration.cross_fitted:.4f}",
    )
    for label, cleval, iou in (
        ("before", calibration.before, calibration.iou_before),
        ("found, on the images that chose them", calibration.after, calibration.iou_after),
    ):
        table.add_row(label, *("" if value is None else f"{value:.4f}" for value in (*cleval, iou)))
    return table
