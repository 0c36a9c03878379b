"""A data report in a terminal."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from baseline_code.files.shown_text import shown_text
from ocr.data_report.findings import Finding
from ocr.data_report.label_errors import first_of_each_kind
from ocr.data_report.report import DataReport
from ocr.data_report.word_shapes import SMALL_PX
from ocr.geometry.packed import FloatArray, IntArray
from ocr.visualization.tables import Column, print_table

_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def print_report(report: DataReport, *, examples: int) -> None:
    """Prints what is in the splits, what is wrong with examples, sizes, and likely label errors.

    Args:
        report: of a data set.
        examples: how many places of each finding, and how many likely label errors.
    """
    console = Console()
    _print_splits(report)
    _print_units(report, console)
    if report.advice is not None:
        console.print(_size_table(report.advice.small_fractions))
    if report.ceiling is not None:
        scores = report.ceiling.evaluation
        console.print(
            f"A perfect network at {report.letterbox}: CLEval H {scores.cleval.hmean:.4f}, "
            f"IoU 0.5 H {scores.iou.hmean:.4f} ({len(scores.images)} images)",
            highlight=False,
        )
    for finding in report.findings:
        _print_finding(finding, examples, console)
    if report.suspects is not None:
        shown = first_of_each_kind(report.suspects, examples)
        columns = [
            Column("image", [suspect.image for suspect in shown], least=24),
            Column("word", [suspect.word or "" for suspect in shown]),
            Column("what", [suspect.kind for suspect in shown], least=9),
            Column("suspicion", [f"{suspect.suspicion:.2f}" for suspect in shown]),
        ]
        print_table(f"The first of {len(report.suspects):,} likely label errors", columns)


def _print_splits(report: DataReport) -> None:
    shapes = report.shapes.values()
    columns = [
        Column("split", list(report.shapes), least=5),
        Column("images", [f"{len(one.words):,}" for one in shapes]),
        Column("words", [f"{len(one.heights):,}" for one in shapes]),
        Column("ignored", [f"{one.ignored:,}" for one in shapes], dispensable=1),
        Column("in an image", [_median(one.words) for one in shapes], dispensable=3),
        Column("long side, px", [_median(one.image_sizes.max(axis=1, initial=0)) for one in shapes], dispensable=4),
        Column("height, px", [_median(one.heights) for one in shapes]),
        Column(f"at {report.letterbox.img_size}", [_median(one.heights_at(report.letterbox)) for one in shapes]),
        Column(f"under {SMALL_PX:g} px", [f"{one.small_fraction(report.letterbox):.1%}" for one in shapes]),
    ]
    print_table(f"{report.root}; medians", columns)


def _print_units(report: DataReport, console: Console) -> None:
    """How words are labelled: detectors learn it, and generated images are to be labelled alike."""
    known = {name: one.phrase_fraction for name, one in report.shapes.items()}
    units = [f"{name} {fraction:.0%}" for name, fraction in known.items() if fraction is not None]
    if units:
        console.print(f"Texts with a space (labels of phrases, not words): {', '.join(units)}", highlight=False)


def _size_table(fractions: dict[int, float]) -> Table:
    table = Table("datasets.img_size", *map(str, fractions), title=f"Training words under {SMALL_PX:g} px by size")
    table.add_row("", *(f"{fraction:.0%}" for fraction in fractions.values()))
    return table


def _print_finding(finding: Finding, examples: int, console: Console) -> None:
    head = Text(f"{finding.severity}  ", style=_STYLES[finding.severity])
    console.print(
        head + Text(f"{finding.split}: {finding.what} ({len(finding.places):,})", style="default"), soft_wrap=True
    )
    shown = 0 if finding.severity == "note" else examples
    for fault in finding.places[:shown]:
        console.print(Text(f"    {shown_text(str(fault), 300)}"), highlight=False, soft_wrap=True)
    if len(finding.places) > shown > 0:
        console.print(Text(f"    … and {len(finding.places) - shown:,} more", style="dim"))


def _median(values: FloatArray | IntArray) -> str:
    return f"{np.median(values):.4g}" if len(values) else ""
