"""Keep the ledger of submissions: `python runners/ledger.py add|show|plot|compare …`."""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from omegaconf import DictConfig

from runners.cli.entry import entry_point
from runners.cli.quoting import quoted

# Each command imports what it needs itself: matplotlib, scipy and numba would make `show` wait for seconds.
_SETTING = re.compile(r"[+~]{0,2}[A-Za-z_][\w.]*=")  # a path with a `/` before its `=` is none
_FLAGS_WITH_VALUE = ("--cfg", "-c", "--package", "-p")

log = logging.getLogger(__name__)


@entry_point("leaderboard/add")
def add(config: DictConfig) -> None:
    """Adds what the leaderboard said of a submission."""
    from ocr.experiments.ledger import LEADERBOARD, VALIDATION
    from ocr.experiments.recording import add_to_ledger
    from ocr.visualization.record_tables import print_ledger

    scores = {name: config[name] for name in (*VALIDATION, *LEADERBOARD) if config[name] is not None}
    ledger, submission = Path(config.ledger), Path(config.submission)
    row = add_to_ledger(ledger, submission, scores=scores, note=config.note, overwrite=config.overwrite)
    print_ledger([row])


@entry_point("leaderboard/show")
def show(config: DictConfig) -> None:
    """Prints the ledger, the best first."""
    from ocr.experiments.ledger import read_ledger, sort_ledger
    from ocr.visualization.record_tables import print_ledger

    print_ledger(sort_ledger(read_ledger(Path(config.ledger)), config.sort))


@entry_point("leaderboard/plot")
def plot(config: DictConfig) -> None:
    """Draws the validation against the leaderboard."""
    from ocr.experiments.ledger import read_ledger, scored_on_both
    from ocr.visualization.figures import save_figure
    from ocr.visualization.ledger_plot import plot_ledger

    ledger = Path(config.ledger)
    save_figure(plot_ledger(scored_on_both(read_ledger(ledger), ledger)), Path(config.output))
    log.info("%s", config.output)


@entry_point("leaderboard/compare")
def compare(config: DictConfig) -> None:
    """Prints which of two predictions is better, whether that is more than chance, and what changed."""
    from ocr.annotations.reading import read_annotations
    from ocr.submission.comparison import compare_predictions, read_side, write_changes
    from ocr.visualization.comparison_table import print_comparison

    output = None if config.output is None else Path(config.output)
    if output is not None and output.exists() and not config.overwrite:
        raise FileExistsError(f"{output} is there already: choose another output=, or set overwrite=true")
    annotations = None if config.annotations is None else read_annotations(config.annotations)
    comparison = compare_predictions(read_side(Path(config.first)), read_side(Path(config.second)), annotations)
    print_comparison(comparison, show=config.show)
    if output is not None:
        write_changes(output, comparison)


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
