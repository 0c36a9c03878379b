"""K-fold training and its ensemble: `python runners/kfold.py preset=… kfold.n_splits=5`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("kfold")  # before torch is imported

import logging
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import torch
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from baseline_code.files.names import default_output
from baseline_code.training.processes import is_first_process
from ocr.cross_validation import Grouping
from ocr.cross_validation.out_of_fold import score_out_of_fold
from ocr.cross_validation.run import FinishedFold, FoldRun, open_run, read_finished
from ocr.cross_validation.scores import OutOfFoldScores, print_fold_scores
from ocr.datasets.selection import select_images
from ocr.ensemble.member_maps import find_text, unread_images
from ocr.experiments.provenance import git_commit
from ocr.experiments.recording import record_submission
from ocr.inference.map_caching import cache_maps
from ocr.probability_maps import MapCache
from ocr.report import Report, ReportedRun
from ocr.submission import read_predictions
from ocr.submission.prediction_folder import PREDICTIONS, claimed_folder, write_prediction_folder
from ocr.visualization.errors import print_errors
from runners.cli.exit_status import EXIT_UNREADABLE
from runners.cli.settings import Group, Settings
from runners.train import train_detector
from runners.wiring.experiment_log import current_preset, print_settings
from runners.wiring.folds import check_one_device, common_settings, fold_settings, load_fold
from runners.wiring.parts import build_letterbox, build_postprocess
from runners.wiring.run_folder import held, log_file, write_record
from runners.wiring.training import announce

log = logging.getLogger(__name__)


class Ensemble(NamedTuple):
    """What all folds predict together, and where that goes."""

    images: str
    recursive: bool
    output: str | None
    overwrite: bool
    ledger: str | None


@entry_point("kfold")
def main(
    written: Group,
    kfold: Group,
    images: str,
    recursive: bool,
    output: str | None,
    overwrite: bool,
    report: str | None,
    ledger: str | None,
) -> float | None:
    """Trains what is not trained yet; with all folds at hand scores them out of fold and predicts with all of them.

    Exits with status 3 where a file to predict could not be read; of several runs (`--multirun`) the next one begins.

    Returns:
        The mean H out of fold, or the best score of the one fold that was asked for.
    """
    settings = Settings.of(written)
    folder, place = _folders()
    with log_file(place):
        announce(settings)
        print_settings(written)
        run = open_folds(folder, written, kfold)
        write_record(place, written)
        if kfold["fold"] is None:
            ensemble = Ensemble(images, recursive, output, overwrite, ledger) if kfold["ensemble"] else None
            return _train_all(settings, run, ensemble, report)
        score = train_fold(written, run, kfold["fold"]).score
        _log_what_remains(run)
        return score


def open_folds(folder: Path, written: Group, kfold: Group) -> FoldRun:
    """The run in a folder: its split into folds, made or read, and what its trainings have in common.

    Raises:
        ValueError: if the folder holds folds of another split, or of other settings.
    """
    datasets = Settings.of(written).datasets
    return open_run(
        folder,
        Path(datasets["root"]),
        n_splits=kfold["n_splits"],
        splits=kfold["splits"],
        seed=kfold["seed"],
        grouping=Grouping(kfold["hash_distance"], kfold["text_similarity"], kfold["group"]),
        settings=common_settings(written),
        split_path=None if datasets["folds"] is None else Path(datasets["folds"]),
    )


def train_fold(written: Group, run: FoldRun, fold: int) -> FinishedFold:
    """Trains a fold, goes on with it at the epoch where it stopped, or leaves it where it is finished.

    Args:
        written: settings as of configs/kfold.yaml, as they were written.
        run: the run that it is part of.
        fold: from 0.

    Raises:
        ValueError: if another process is training it.
        runners.wiring.checkpoints.CheckpointError: if its last checkpoint cannot be used.
    """
    folder = run.fold_folder(fold)
    finished = read_finished(folder)
    if finished is not None:
        log.info("fold %d is trained: best score %s after %d epochs", fold, finished.score, finished.epochs)
        return finished
    settings = fold_settings(written, run, fold, torch.cuda.device_count())
    log.info("fold %d of 0..%d, in %s", fold, run.n_splits - 1, folder)
    with held(folder, settings.trainer["num_nodes"]):
        outcome = train_detector(settings, folder, "auto")
        if is_first_process():
            run.mark_finished(fold, score=outcome.score, epochs=outcome.epochs)
    return FinishedFold(outcome.checkpoint, outcome.score, outcome.epochs)


def _train_all(settings: Settings, run: FoldRun, ensemble: Ensemble | None, report: str | None) -> float:
    check_one_device(settings.trainer["devices"], settings.trainer["num_nodes"])
    root = Path(settings.datasets["root"])
    if ensemble is not None:
        select_images(ensemble.images, root, recursive=ensemble.recursive)  # refused now, and not after hours
    page = None if report is None else Report(report)
    default = default_output(f"kfold_{current_preset()}_")
    with (
        claimed_folder(ensemble.output, default, overwrite=ensemble.overwrite) if ensemble else nullcontext() as output
    ):
        folds = [train_fold(settings.written, run, fold) for fold in range(run.n_splits)]
        postprocess = build_postprocess(settings)
        scores = score_out_of_fold(run, folds, lambda path: load_fold(path, settings), postprocess, root)
        print_fold_scores(scores)
        print_errors(scores.errors)
        if page is not None:
            _write_report(page, run, scores)
        if ensemble is not None and output is not None:
            _write_ensemble(settings, run, folds, scores, ensemble, output)
    return scores.mean.hmean


def _write_report(report: Report, run: FoldRun, scores: OutOfFoldScores) -> None:
    """Shows the out-of-fold predictions and maps."""
    found = read_predictions(run.oof_folder / PREDICTIONS)
    report.add_maps(MapCache(run.oof_folder))
    folds = {name: f"fold {number}" for number, fold in enumerate(run.split.folds) for name in fold.filenames}
    shown = ReportedRun(f"{run.folder}, out of fold", found, scores.pooled, scores.errors)
    log.info("%s: open it in a browser", report.write(run.images, [shown], folds))


def _write_ensemble(
    settings: Settings,
    run: FoldRun,
    folds: Sequence[FinishedFold],
    scores: OutOfFoldScores,
    ensemble: Ensemble,
    output: Path,
) -> None:
    """Predicts `images` with the mean of all folds' probability maps; writes predictions, CSV and the ledger's row."""
    images = select_images(ensemble.images, Path(settings.datasets["root"]), recursive=ensemble.recursive)
    places = [run.fold_folder(number) / "maps" / Path(ensemble.images).stem for number in range(run.n_splits)]
    caches = [
        cache_maps(load_fold(fold.checkpoint, settings), images, place, overwrite=ensemble.overwrite)
        for fold, place in zip(folds, places, strict=True)
    ]
    found = find_text(caches, build_postprocess(settings))
    unreadable = unread_images(images, {record.filename for record, _ in found})
    write_prediction_folder(output, images.filenames, found, unreadable)
    record_submission(
        output,
        checkpoints=[fold.checkpoint for fold in folds],
        settings={
            "models": {"head": settings.models["head"]},
            **asdict(build_letterbox(settings, "test")),
            "folds": run.n_splits,
            "weights": "equal",
            "validation": "out of fold",
        },
        validation=scores.pooled.cleval._asdict(),
        commit=git_commit(),
        ledger=None if ensemble.ledger is None else Path(ensemble.ledger),
    )
    log.info(
        "%d images, %d unreadable; predictions of all folds are in %s", len(images.filenames), len(unreadable), output
    )
    if unreadable and HydraConfig.get().mode != RunMode.MULTIRUN:
        sys.exit(EXIT_UNREADABLE)


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
