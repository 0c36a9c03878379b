"""K-fold training and its ensemble: `python runners/kfold.py preset=… kfold.n_splits=5`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("kfold")  # before torch is imported

import logging
from contextlib import nullcontext
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from ocr.visualization.fold_scores import print_fold_scores
from runners.folds.ensemble import claimed_output, write_ensemble
from runners.folds.predictions import score_out_of_fold
from runners.folds.run import FoldRun, open_run
from runners.folds.training import check_one_device, read_finished, train_fold
from runners.wiring.changed_settings import print_settings
from runners.wiring.run_folder import log_file, write_record
from runners.wiring.training import announce

log = logging.getLogger(__name__)


@entry_point("kfold")
def main(config: DictConfig) -> float | None:
    """Trains what is not trained yet; with all folds at hand scores them out of fold and predicts with all of them.

    Returns:
        The mean H out of fold, or the best score of the one fold that was asked for.
    """
    folder, place = _folders()
    with log_file(place):
        announce(config)
        print_settings(config)
        run = open_run(config, folder)
        write_record(place, config)
        return _train(config, run)


def _train(config: DictConfig, run: FoldRun) -> float | None:
    if config.kfold.fold is not None:
        score = train_fold(config, run, config.kfold.fold).score
        _log_what_remains(run)
        return score
    check_one_device(config.trainer)
    with claimed_output(config) if config.kfold.ensemble else nullcontext() as output:
        folds = [train_fold(config, run, fold) for fold in range(run.n_splits)]
        scores = score_out_of_fold(config, run, folds)
        print_fold_scores(scores)
        if output is not None:
            write_ensemble(config, run, folds, scores, output)
    return scores.mean.hmean


def _folders() -> tuple[Path, Path]:
    """The folder of all folds, and where this command's log and settings lie."""
    hydra = HydraConfig.get()
    folder = Path(hydra.run.dir)
    return folder, Path(hydra.runtime.output_dir) if hydra.mode == RunMode.MULTIRUN else folder


def _log_what_remains(run: FoldRun) -> None:
    missing = [fold for fold in range(run.n_splits) if read_finished(run.fold_folder(fold)) is None]
    if missing:
        log.info("folds that are not trained yet: %s", ", ".join(map(str, missing)))
    else:
        log.info("all %d folds are trained: the same command without kfold.fold scores and joins them", run.n_splits)


if __name__ == "__main__":
    main()
