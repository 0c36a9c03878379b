"""The labelled maps that a calibration is found on: predicted by a checkpoint, or from a folder."""

from __future__ import annotations

import logging
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig

from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.optional_labels import OWN_LABELS
from ocr.datasets.word_counts import check_scorable
from ocr.inference.map_caching import cache_maps
from ocr.inference.origins import check_maps_not_trained_on, check_not_trained_on, find_checkpoint
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import ImageMap, MapCache
from runners.wiring.detector import load_detector, load_settings, read_labelled
from runners.wiring.parts import build_postprocess
from runners.wiring.training import training_paths

log = logging.getLogger(__name__)


class LabelledMaps(NamedTuple):
    """Maps with their labels, how they are read without calibration, and where they came from."""

    maps: list[ImageMap]
    postprocess: DBPostProcess
    source: dict[str, Any]


def gather_maps(config: DictConfig) -> LabelledMaps:
    """Predicts or reads the maps, and refuses those of images that the detector was trained on.

    Args:
        config: as of configs/calibrate.yaml.

    Raises:
        ValueError: if neither a checkpoint nor maps are given, or labels and maps do not belong together.
        ocr.annotations.leaks.LeakError: if the detector was trained on these images, unless `allow_leak`.
    """
    if config.checkpoint_path is not None:
        cache, images, postprocess = _predict(config)
    elif config.maps is not None:
        cache, images, postprocess = _read(config)
    else:
        raise ValueError("expected checkpoint_path=… or maps=FOLDER, got neither")
    check_scorable(images.first(config.limit).annotations, config.annotations or config.split)
    labels = {annotation.filename: annotation for annotation in images.annotations}
    maps = list(islice(cache.labelled(labels), config.limit))
    source = {"maps": str(cache.folder), "fingerprint": cache.fingerprint, **cache.source}
    return LabelledMaps(maps, postprocess, source)


def _predict(config: DictConfig) -> tuple[MapCache, LabelledImages, DBPostProcess]:
    """Maps of a labelled split by a checkpoint."""
    detector, settings = load_detector(config.checkpoint_path, config)
    images = read_labelled(settings, config.split, config.annotations).first(config.limit)
    images.check_sizes()
    if not config.allow_leak:
        check_not_trained_on(detector.training_paths, images.paths)
    folder = Path(config.maps or f"{Path(config.output).with_suffix('')}_maps")
    return cache_maps(detector, images, folder, overwrite=config.overwrite), images, detector.postprocess


def _read(config: DictConfig) -> tuple[MapCache, LabelledImages, DBPostProcess]:
    """Maps that lie in a folder; labels of images that it does not hold are left out."""
    cache = MapCache(config.maps)
    checkpoint = find_checkpoint(cache)
    if checkpoint is None:
        log.warning("%s: its checkpoint is not at hand; models.head has the defaults where not given", cache.folder)
    settings = load_settings(checkpoint, config)
    beside = cache.folder / OWN_LABELS
    labelled = read_labelled(settings, config.split, config.annotations or (beside if beside.is_file() else None))
    held = set(cache.filenames)
    images = labelled.where([name in held for name in labelled.filenames])
    if len(images.filenames) < len(labelled.filenames):
        log.warning("%s: maps of %d of the %d labelled images only", cache.folder, len(held), len(labelled.filenames))
    if not config.allow_leak:
        check_maps_not_trained_on(cache, images.paths, lambda path: training_paths(path, config))
    return cache, images, build_postprocess(settings)
