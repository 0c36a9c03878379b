"""Show the experiment log: `python runners/experiments.py preset=… sort=test_accuracy`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("experiments")  # before torch is imported

import logging
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from ocr.visualization.curves import plot_curves
from ocr.visualization.figures import save_figure
from ocr.visualization.score_bars import plot_scores
from runners.experiment_log.comparison import compare_runs, read_curves
from runners.experiment_log.log import read_rows, write_rows
from runners.experiment_log.table import print_experiments, ranked

log = logging.getLogger(__name__)


@entry_point("experiments")
def main(config: DictConfig) -> None:
    """Prints the runs, best first, with the difference to their baselines and what they cost; draws their scores."""
    preset = HydraConfig.get().runtime.choices["preset"]
    rows = [row for row in ranked(read_rows(Path(config.log)), config.sort) if preset in (None, row["preset"])]
    if not rows:
        raise ValueError(f"expected runs of preset={preset} in {config.log}, found none")
    print_experiments(rows, sort=config.sort)
    if config.output is not None:
        write_rows(Path(config.output), rows)
    if config.curves is not None:
        save_figure(plot_curves(read_curves(rows)), Path(config.curves))
        log.info("%s", config.curves)
    if config.plot is not None:
        comparisons = compare_runs(rows)
        save_figure(plot_scores([comparison.chart for comparison in comparisons]), Path(config.plot))
        log.info("%s", config.plot)
        for run in (run for comparison in comparisons for run in comparison.left_out):
            log.info("no room in the chart for %s", run)


if __name__ == "__main__":
    main()
