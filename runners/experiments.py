"""Show the experiment log: `python runners/experiments.py preset=… sort=test_accuracy`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("experiments")  # before torch is imported

import logging
from collections.abc import Sequence
from pathlib import Path

from hydra.core.hydra_config import HydraConfig

from baseline_code.files.claims import refuse_overwrite
from ocr.experiments.log import LOG, ranked
from ocr.experiments.table import Row, read_rows, write_table
from ocr.visualization.record_tables import print_experiments

_log = logging.getLogger(__name__)


@entry_point("experiments")
def main(log: str, sort: str, output: str | None, overwrite: bool, plot: str | None, curves: str | None) -> None:
    """Prints the runs, best first, with the difference to their baselines and what they cost; draws their scores."""
    if output is not None:
        refuse_overwrite(Path(output), overwrite=overwrite, read={"log=": Path(log)})
    preset = HydraConfig.get().runtime.choices["preset"]
    rows = [row for row in ranked(read_rows(Path(log), LOG), sort) if preset in (None, row["preset"])]
    if not rows:
        raise ValueError(f"expected runs of preset={preset} in {log}, found none")
    print_experiments(rows, sort=sort)
    if output is not None:
        write_table(Path(output), rows, LOG.columns)
    if curves is not None or plot is not None:
        _draw(rows, curves, plot)


def _draw(rows: Sequence[Row], curves: str | None, plot: str | None) -> None:
    from ocr.experiments.charts import compare_runs, read_curves
    from ocr.visualization.curves import plot_curves
    from ocr.visualization.figures import check_chart_file, save_figure
    from ocr.visualization.score_bars import plot_scores

    for setting, chart in {"curves=": curves, "plot=": plot}.items():
        if chart is not None:
            check_chart_file(Path(chart), setting)
    if curves is not None:
        save_figure(plot_curves(read_curves(rows)), Path(curves))
        _log.info("%s", curves)
    if plot is not None:
        charts = compare_runs(rows)
        save_figure(plot_scores([one.chart for one in charts]), Path(plot))
        _log.info("%s", plot)
        for run in (run for one in charts for run in one.left_out):
            _log.info("no room in the chart for %s", run)


if __name__ == "__main__":
    main()
