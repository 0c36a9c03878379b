"""Out-of-fold maps, predictions and scores: each image by the detector that has not seen it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.json_file import read_json_object, write_json
from baseline_code.threads import map_in_order
from ocr.annotations.labelled_images import OWN_LABELS
from ocr.annotations.layout import labels_file
from ocr.cross_validation.run import FinishedFold, FoldRun
from ocr.cross_validation.scores import OutOfFoldScores, score_folds
from ocr.ensemble.streaming import detect
from ocr.inference.map_caching import cache_maps
from ocr.inference.predictor import Predictor
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import MapCache, MapCacheWriter
from ocr.probability_maps.cache_index import INDEX
from ocr.submission.prediction_folder import write_prediction_folder


def score_out_of_fold(
    run: FoldRun,
    folds: Sequence[FinishedFold],
    load: Callable[[Path], Predictor],
    postprocess: DBPostProcess,
    root: Path,
) -> OutOfFoldScores:
    """Predicts each fold's own images with its detector, and scores them.

    Writes `oof/` below the run: a map cache of all images, predictions as runners/predict.py writes them,
    `annotations.json` with the labels of exactly these images, and `scores.json`. Maps that an earlier call left are
    used again, or replaced where they are of something else.

    Args:
        run: the run.
        folds: all of them, trained.
        load: a checkpoint -> its detector.
        postprocess: reads the maps.
        root: folder of the data.
    """
    caches = [
        cache_maps(load(fold.checkpoint), run.held_out(number), run.fold_folder(number) / "oof", overwrite=True)
        for number, fold in enumerate(folds)
    ]
    cache = join_maps(run, caches)
    found = list(detect(map(cache.read, cache.filenames), postprocess))
    write_prediction_folder(run.oof_folder, run.images.filenames, found, ())
    _write_annotations(run, root)
    labels = {annotation.filename: annotation for annotation in run.images.annotations}
    detections = {record.filename: detected for record, detected in found}
    scores = score_folds([fold.filenames for fold in run.split.folds], labels, detections)
    content = scores.to_dict()
    training = [{"best_score": fold.score, "epochs": fold.epochs} for fold in folds]
    content["folds"] = [trained | scored for trained, scored in zip(training, content["folds"], strict=True)]
    write_json(run.oof_folder / "scores.json", content)
    return scores


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


def _write_annotations(run: FoldRun, root: Path) -> None:
    """The labels of the folds' images in one file, for calibration and ensembles on these maps."""
    images: dict[str, Any] = {}
    for split in run.split.splits:
        images |= read_json_object(labels_file(root, split), "annotations")["images"]
    write_text_atomic(run.oof_folder / OWN_LABELS, json.dumps({"images": images}, ensure_ascii=False) + "\n")
