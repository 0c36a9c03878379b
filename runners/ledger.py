"""Keep the ledger of submissions: `python runners/ledger.py add|show|plot|compare …`."""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from runners.cli.entry import entry_point
from runners.cli.quoting import quoted

# Each command imports what it needs itself: matplotlib, scipy and numba would make `show` wait for seconds.
_SETTING = re.compile(r"[+~]{0,2}[A-Za-z_][\w.]*=")  # a path with a `/` before its `=` is none
_FLAGS_WITH_VALUE = ("--cfg", "-c", "--package", "-p")

log = logging.getLogger(__name__)


@entry_point("leaderboard/add")
def add(submission: str, note: str | None, overwrite: bool, ledger: str, **scores: float | None) -> None:
    """Adds what the leaderboard said of a submission."""
    from ocr.experiments.ledger import LEADERBOARD, VALIDATION
    from ocr.experiments.recording import add_to_ledger
    from ocr.visualization.record_tables import print_ledger

    given = {name: score for name in (*VALIDATION, *LEADERBOARD) if (score := scores[name]) is not None}
    row = add_to_ledger(Path(ledger), Path(submission), scores=given, note=note, overwrite=overwrite)
    print_ledger([row])


@entry_point("leaderboard/show")
def show(sort: str, ledger: str) -> None:
    """Prints the ledger, the best first."""
    from ocr.experiments.ledger import LEDGER, sort_ledger
    from ocr.experiments.table import read_rows
    from ocr.visualization.record_tables import print_ledger

    print_ledger(sort_ledger(read_rows(Path(ledger), LEDGER), sort))


@entry_point("leaderboard/plot")
def plot(output: str, ledger: str) -> None:
    """Draws the validation against the leaderboard."""
    from ocr.experiments.ledger import LEDGER, scored_on_both
    from ocr.experiments.table import read_rows
    from ocr.visualization.figures import check_chart_file, save_figure
    from ocr.visualization.ledger_plot import plot_ledger

    check_chart_file(Path(output))
    path = Path(ledger)
    save_figure(plot_ledger(scored_on_both(read_rows(path, LEDGER), path)), Path(output))
    log.info("%s", output)


@entry_point("leaderboard/compare")
def compare(first: str, second: str, annotations: str | None, show: int, output: str | None, overwrite: bool) -> None:
    """Prints which of two predictions is better, whether that is more than chance, and what changed."""
    from baseline_code.files.claims import refuse_overwrite
    from ocr.annotations.reading import read_annotations
    from ocr.datasets.word_counts import check_scorable
    from ocr.submission.comparison import compare_predictions, read_side, write_changes
    from ocr.submission.prediction_folder import SUBMISSION, file_of
    from ocr.visualization.comparison_table import print_comparison

    if output is not None:
        sides = {"first=": file_of(first, SUBMISSION), "second=": file_of(second, SUBMISSION)}
        labelled = {} if annotations is None else {"annotations=": Path(annotations)}
        refuse_overwrite(Path(output), overwrite=overwrite, read={**sides, **labelled})
    labels = None
    if annotations is not None:
        labels = read_annotations(annotations, confidences="refuse")
        check_scorable(labels.values(), annotations)
    comparison = compare_predictions(read_side(Path(first)), read_side(Path(second)), labels)
    print_comparison(comparison, show=show)
    if output is not None:
        write_changes(Path(output), comparison)


COMMANDS: dict[str, Callable[[], object]] = {"add": add, "show": show, "plot": plot, "compare": compare}
POSITIONAL = {"add": ("submission",), "show": (), "plot": (), "compare": ("first", "second")}
"""Settings that may be typed without their name."""


def main() -> None:
    """Runs the command that was typed, its arguments as Hydra reads them."""
    parser = argparse.ArgumentParser(
        "ledger.py", description="Keep the ledger of submissions.", epilog="Settings of each: ledger.py add --help"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="|".join(COMMANDS))
    for name, run in COMMANDS.items():
        commands.add_parser(name, help=f"{_usage(POSITIONAL[name])}: {run.__doc__}")
    name = parser.parse_args(sys.argv[1:2]).command
    try:
        sys.argv[1:] = name_positional(sys.argv[2:], POSITIONAL[name])
    except ValueError as error:
        parser.error(f"{name}: {error}")
    COMMANDS[name]()


def name_positional(words: Sequence[str], names: Sequence[str]) -> list[str]:
    """Arguments as Hydra reads them: those without a name get theirs, quoted.

    Args:
        words: as typed, e.g. `["submissions/a b", "note=best"]`; those that start with `-` are Hydra's.
        names: of the settings that may come without a name, in order.

    Returns:
        E.g. `["submission='submissions/a b'", "note=best"]`.

    Raises:
        ValueError: if there are more such arguments than names.
    """
    left = list(names)
    arguments = []
    for before, word in pairwise(["", *words]):
        if word.startswith("-") or before in _FLAGS_WITH_VALUE or _SETTING.match(word):
            arguments.append(word)
        elif left:
            arguments.append(f"{left.pop(0)}={quoted(word)}")
        else:
            raise ValueError(f"expected {_usage(names)}, got {word!r} beyond that")
    return arguments


def _usage(names: Sequence[str]) -> str:
    return " ".join([*(f"<{name}>" for name in names), "[key=value …]"])


if __name__ == "__main__":
    main()
