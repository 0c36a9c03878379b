"""Out-of-fold maps, predictions and scores: each image by the detector that has not seen it."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.json_file import read_json_object
from ocr.cross_validation.scores import OutOfFoldScores, score_folds
from ocr.ensemble.detection import detect
from ocr.ensemble.streaming import map_in_order
from ocr.probability_maps import MapCache, MapCacheWriter
from ocr.probability_maps.cache_index import INDEX
from ocr.submission.prediction_folder import write_prediction_folder
from runners.folds.run import FoldRun
from runners.folds.training import FinishedFold
from runners.maps.caching import cache_maps, default_overrides
from runners.wiring.parts import build_postprocess

log = logging.getLogger(__name__)


def score_out_of_fold(config: DictConfig, run: FoldRun, folds: Sequence[FinishedFold]) -> OutOfFoldScores:
    """Predicts each fold's own images with its detector, and scores them.

    Writes `oof/` below the run: a map cache of all images, predictions as runners/predict.py writes them,
    `annotations.json` with the labels of exactly these images, and `scores.json`.

    Args:
        config: as of configs/kfold.yaml.
        run: the run.
        folds: all of them, trained.

    Raises:
        ocr.probability_maps.CacheError: if maps that an earlier call left are of something else.
    """
    cache = join_maps(run, cache_folds(config, run, folds))
    found = list(detect(map(cache.read, cache.filenames), build_postprocess(config)))
    write_prediction_folder(run.oof_folder, run.images.filenames, found, ())
    _write_annotations(config, run)
    labels = {annotation.filename: annotation for annotation in run.images.annotations}
    detections = {record.filename: detected for record, detected in found}
    scores = score_folds([fold.filenames for fold in run.split.folds], labels, detections)
    training = [{"best_score": fold.score, "epochs": fold.epochs} for fold in folds]
    content = scores.to_dict()
    content["folds"] = [told | fold for told, fold in zip(training, content["folds"], strict=True)]
    write_text_atomic(run.oof_folder / "scores.json", json.dumps(content, indent=2) + "\n")
    return scores


def prediction_overrides(config: DictConfig) -> DictConfig:
    """How folds predict: as their checkpoints say, on the device and the data of this command."""
    overrides = default_overrides()
    overrides.datasets.root = config.datasets.root
    overrides.datasets.num_workers = config.datasets.num_workers
    overrides.trainer.accelerator = config.trainer.accelerator
    return overrides


def cache_folds(config: DictConfig, run: FoldRun, folds: Sequence[FinishedFold]) -> list[MapCache]:
    """The maps of each fold's own images, by its detector; those that are there already are used again."""
    overrides = prediction_overrides(config)
    caches = []
    for number, (fold, assigned) in enumerate(zip(folds, run.split.folds, strict=True)):
        own = set(assigned.filenames)
        images = run.images.where([name in own for name in run.images.filenames])
        caches.append(cache_maps(fold.checkpoint, overrides, images, run.fold_folder(number) / "oof"))
    return caches


def join_maps(run: FoldRun, caches: Sequence[MapCache]) -> MapCache:
    """One cache of all folds' images, in the order of the annotations."""
    source: dict[str, Any] = {"out_of_fold": True, "members": [dict(cache.source) for cache in caches]}
    owners = {name: cache for cache in caches for name in cache.filenames}
    if (run.oof_folder / INDEX).is_file():
        kept = MapCache(run.oof_folder)
        digests = {name: cache.image_sha256[name] for name, cache in owners.items()}
        if kept.source == source and dict(kept.image_sha256) == digests:
            return kept
    with MapCacheWriter(run.oof_folder, source=source, overwrite=True) as writer:

        def copy(name: str) -> None:
            cache = owners[name]
            writer.add(cache.read(name), cache.image_sha256[name])

        for _ in map_in_order(copy, owners):
            pass
        writer.close(run.images.filenames)
    return MapCache(run.oof_folder)


def _write_annotations(config: DictConfig, run: FoldRun) -> None:
    """The labels of the folds' images in one file, for calibration and ensembles on these maps."""
    images: dict[str, Any] = {}
    for split in run.split.splits:
        path = Path(config.datasets.root) / "jsons" / f"{split}.json"
        images |= read_json_object(path, "annotations")["images"]
    write_text_atomic(run.oof_folder / "annotations.json", json.dumps({"images": images}, ensure_ascii=False) + "\n")
