"""What all folds together find, and its CSV."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from omegaconf import DictConfig

from ocr.annotations.records import UnreadableImage
from ocr.cross_validation.scores import OutOfFoldScores
from ocr.datasets.selection import select_images
from ocr.ensemble import fuse_caches
from ocr.ensemble.detection import detect
from ocr.submission import record_submission
from ocr.submission.prediction_folder import claimed_folder, write_prediction_folder
from runners.cli.settings import plain
from runners.experiment_log.changes import current_preset
from runners.folds.predictions import prediction_overrides
from runners.folds.run import FoldRun
from runners.folds.training import FinishedFold
from runners.maps.caching import cache_maps
from runners.wiring.parts import build_postprocess
from runners.wiring.trainers import git_commit

log = logging.getLogger(__name__)


def claimed_output(config: DictConfig) -> AbstractContextManager[Path]:
    """The folder of the CSV, made before any work is done.

    Raises:
        FileExistsError: if another command writes there, or it holds predictions already and `overwrite` is false.
        FileNotFoundError: if there are no images to predict.
    """
    select_images(config.images, Path(config.datasets.root), recursive=config.recursive)
    default = f"submissions/kfold_{current_preset()}_{datetime.now():%Y-%m-%d_%H-%M-%S}"
    return claimed_folder(config.output, default, overwrite=config.overwrite)


def write_ensemble(
    config: DictConfig, run: FoldRun, folds: Sequence[FinishedFold], scores: OutOfFoldScores, output: Path
) -> None:
    """Predicts `images` with the mean of all folds' probability maps; writes predictions, CSV and the ledger's row.

    Args:
        config: as of configs/kfold.yaml.
        run: the run; each fold's maps are kept below it.
        folds: all of them, trained.
        scores: out of fold, which the ledger holds against the leaderboard's.
        output: from `claimed_output`.

    Raises:
        ocr.probability_maps.CacheError: if maps that an earlier call left are of something else.
    """
    images = select_images(config.images, Path(config.datasets.root), recursive=config.recursive)
    overrides = prediction_overrides(config)
    places = [run.fold_folder(number) / "maps" / Path(config.images).stem for number in range(run.n_splits)]
    caches = [
        cache_maps(fold.checkpoint, overrides, images, place, overwrite=config.overwrite)
        for fold, place in zip(folds, places, strict=True)
    ]
    found = list(detect(fuse_caches(caches), build_postprocess(config)))
    names = {record.filename for record, _ in found}
    unreadable = [UnreadableImage(name, f"{name}: could not be read") for name in images.filenames if name not in names]
    write_prediction_folder(output, images.filenames, found, unreadable)
    record_submission(
        output,
        checkpoints=[fold.checkpoint for fold in folds],
        settings={
            "models": {"head": plain(config.models.head, resolve=True)},
            "img_size": config.datasets.test.img_size,
            "padding": config.datasets.padding,
            "folds": run.n_splits,
            "weights": "equal",
            "validation": "out of fold",
        },
        validation=scores.pooled.cleval._asdict(),
        commit=git_commit(),
        ledger=None if config.ledger is None else Path(config.ledger),
    )
    log.info("%d images, %d unreadable; predictions of all folds lie in %s", len(names), len(unreadable), output)
