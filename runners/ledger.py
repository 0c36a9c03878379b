"""Keep the ledger of submissions: `python runners/ledger.py add|show|plot|compare …`."""

from __future__ import annotations

import logging
from pathlib import Path

from omegaconf import DictConfig

from ocr.annotations.reading import read_annotations
from ocr.experiments.ledger import LEADERBOARD, VALIDATION, read_ledger, scored_on_both
from ocr.experiments.ledger_scores import add_to_ledger
from ocr.submission.comparison import compare_predictions, read_side, write_changes
from ocr.visualization.comparison_table import print_comparison
from ocr.visualization.figures import save_figure
from ocr.visualization.ledger_plot import plot_ledger
from ocr.visualization.ledger_table import print_ledger, sort_ledger
from runners.cli.entry import entry_point
from runners.cli.subcommands import Subcommand, run_subcommand

log = logging.getLogger(__name__)


@entry_point("leaderboard/add")
def add(config: DictConfig) -> None:
    """Adds what the leaderboard said of a submission."""
    scores = {name: config[name] for name in (*VALIDATION, *LEADERBOARD) if config[name] is not None}
    ledger, submission = Path(config.ledger), Path(config.submission)
    row = add_to_ledger(ledger, submission, scores=scores, note=config.note, overwrite=config.overwrite)
    print_ledger([row])


@entry_point("leaderboard/show")
def show(config: DictConfig) -> None:
    """Prints the ledger, the best first."""
    print_ledger(sort_ledger(read_ledger(Path(config.ledger)), config.sort))


@entry_point("leaderboard/plot")
def plot(config: DictConfig) -> None:
    """Draws the validation against the leaderboard."""
    ledger = Path(config.ledger)
    save_figure(plot_ledger(scored_on_both(read_ledger(ledger), ledger)), Path(config.output))
    log.info("%s", config.output)


@entry_point("leaderboard/compare")
def compare(config: DictConfig) -> None:
    """Prints which of two predictions is better, whether that is more than chance, and what changed."""
    output = None if config.output is None else Path(config.output)
    if output is not None and output.exists() and not config.overwrite:
        raise FileExistsError(f"{output} is there already: choose another output=, or set overwrite=true")
    annotations = None if config.annotations is None else read_annotations(config.annotations)
    comparison = compare_predictions(read_side(Path(config.first)), read_side(Path(config.second)), annotations)
    print_comparison(comparison, show=config.show)
    if output is not None:
        write_changes(output, comparison)


SUBCOMMANDS = {
    "add": Subcommand(add, "submission"),
    "show": Subcommand(show),
    "plot": Subcommand(plot),
    "compare": Subcommand(compare, "first", "second"),
}

if __name__ == "__main__":
    run_subcommand(SUBCOMMANDS)
