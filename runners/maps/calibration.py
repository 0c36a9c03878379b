"""The labelled maps that a calibration is found on: predicted by a checkpoint, or from a folder."""

from __future__ import annotations

import logging
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig

from ocr.annotations.labelled_images import LabelledImages, read_images
from ocr.annotations.reading import read_annotations
from ocr.datasets.word_counts import check_scorable
from ocr.probability_maps import CacheError, ImageMap, MapCache
from runners.maps.caching import cache_maps
from runners.maps.leaks import check_maps_not_trained_on
from runners.maps.settings import find_checkpoint, load_settings
from runners.wiring.training_files import check_not_trained_on

OWN_LABELS = "annotations.json"
"""Labels that lie beside the maps, as runners/kfold.py leaves them."""

log = logging.getLogger(__name__)


class LabelledMaps(NamedTuple):
    """Maps with their labels, the settings of the detector behind them, and where they came from."""

    maps: list[ImageMap]
    settings: DictConfig
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
        cache, images, settings = _predicted(config)
    elif config.maps is not None:
        cache, images, settings = _kept(config)
    else:
        raise ValueError("expected checkpoint_path=… or maps=FOLDER, got neither")
    check_scorable(images.first(config.limit).annotations, config.annotations or config.split)
    labels = {annotation.filename: annotation for annotation in images.annotations}
    maps = list(islice(cache.labelled(labels), config.limit))
    source = {"maps": str(cache.folder), "fingerprint": cache.fingerprint, **cache.source}
    return LabelledMaps(maps, settings, source)


def _predicted(config: DictConfig) -> tuple[MapCache, LabelledImages, DictConfig]:
    """Maps of a labelled part by a checkpoint."""
    settings = load_settings(Path(config.checkpoint_path), config)
    images = _read_labels(config, settings, config.annotations).first(config.limit)
    images.check_sizes()
    if not config.allow_leak:
        check_not_trained_on(settings, images.paths)
    folder = Path(config.maps or f"{Path(config.output).with_suffix('')}_maps")
    try:
        cache = cache_maps(config.checkpoint_path, config, images, folder)
    except CacheError:
        if not config.overwrite:
            raise
        cache = cache_maps(config.checkpoint_path, config, images, folder, overwrite=True)
    return cache, images, settings


def _kept(config: DictConfig) -> tuple[MapCache, LabelledImages, DictConfig]:
    """Maps that lie in a folder; labels of images that it does not hold are left out."""
    cache = MapCache(config.maps)
    checkpoint = find_checkpoint(cache)
    if checkpoint is None:
        log.warning("%s: its checkpoint is not at hand; models.head has the defaults where not given", cache.folder)
    settings = load_settings(checkpoint, config)
    beside = cache.folder / OWN_LABELS
    labelled = _read_labels(config, settings, config.annotations or (beside if beside.is_file() else None))
    held = set(cache.filenames)
    images = labelled.where([name in held for name in labelled.filenames])
    if len(images.filenames) < len(labelled.filenames):
        log.warning("%s: maps of %d of the %d labelled images only", cache.folder, len(held), len(labelled.filenames))
    if not config.allow_leak:
        check_maps_not_trained_on(cache, config, images.paths)
    return cache, images, settings


def _read_labels(config: DictConfig, settings: DictConfig, annotations: str | Path | None) -> LabelledImages:
    """The labelled images of a file, taken to lie in the part's folder, or of the part itself."""
    root = Path(settings.datasets.root)
    if annotations is None:
        folds = settings.datasets.folds
        return read_images(root, config.split, None if folds is None else Path(folds))
    labels = list(read_annotations(annotations).values())
    return LabelledImages(labels, [root / "images" / config.split] * len(labels))
