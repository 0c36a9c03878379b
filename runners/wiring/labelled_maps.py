"""The labelled maps that a calibration is found on: predicted by a checkpoint, or from a folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple

from baseline_code.files.names import rename_like
from ocr.annotations.labelled_images import OWN_LABELS, LabelledImages
from ocr.datasets.word_counts import check_scorable
from ocr.inference.map_caching import cache_maps
from ocr.inference.origins import check_maps_not_trained_on, check_not_trained_on
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import ImageMap, MapCache
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector, load_settings_of_maps, read_labelled
from runners.wiring.parts import build_postprocess
from runners.wiring.training import training_paths
from runners.wiring.typed import check_predicts

log = logging.getLogger(__name__)


class LabelledMaps(NamedTuple):
    """Maps with their labels, how they are read without calibration, and where they came from."""

    maps: list[ImageMap]
    postprocess: DBPostProcess
    source: dict[str, Any]


class LabelledSplit(NamedTuple):
    """Which labelled images are asked for."""

    split: str
    annotations: str | None  # their labels; None: those beside the maps, or else of the split
    limit: int | None  # only the first so many


def gather_maps(
    checkpoint_path: str | None,
    maps: str | None,
    split: LabelledSplit,
    overrides: Overrides,
    *,
    folder: Path,
    overwrite: bool,
    allow_leak: bool,
) -> LabelledMaps:
    """Predicts or reads the maps, and refuses those of images that the detector was trained on.

    Args:
        checkpoint_path: of the detector that predicts them, or None.
        maps: the folder of maps that are read without one.
        split: the images.
        overrides: of the checkpoint, or of that which the maps are of.
        folder: for maps that are predicted.
        overwrite: replace maps of something else there.
        allow_leak: take images that the detector was trained on.

    Raises:
        ValueError: if neither a checkpoint nor maps are given, labels and maps do not belong together, or a setting
            would change maps that are there.
        ocr.annotations.leaks.LeakError: if the detector was trained on these images, unless `allow_leak`.
    """
    if checkpoint_path is not None:
        detector, settings = load_detector(checkpoint_path, overrides)
        images = read_labelled(settings, split.split, split.annotations).first(split.limit)
        images.check_sizes()
        if not allow_leak:
            check_not_trained_on(detector.training_paths, images.paths)
        cache, postprocess = cache_maps(detector, images, folder, overwrite=overwrite), detector.postprocess
    elif maps is not None:
        check_predicts(overrides, Path(maps))
        cache = MapCache(maps)
        images, postprocess = _read(cache, split, overrides)
        if not allow_leak:
            check_maps_not_trained_on(cache, images.paths, lambda path: training_paths(path, overrides))
    else:
        raise ValueError("expected checkpoint_path=… or maps=FOLDER, got neither")
    check_scorable(images.first(split.limit).annotations, split.annotations or split.split)
    labels = rename_like({annotation.filename: annotation for annotation in images.annotations}, cache.filenames)
    labelled = list(cache.labelled(labels, only=set(list(labels)[: split.limit])))
    source = {"maps": str(cache.folder), "fingerprint": cache.fingerprint, **cache.source}
    return LabelledMaps(labelled, postprocess, source)


def _read(cache: MapCache, split: LabelledSplit, overrides: Overrides) -> tuple[LabelledImages, DBPostProcess]:
    """The labels of maps that lie in a folder, and how these are read; labels of images that it lacks are left out."""
    settings = load_settings_of_maps(cache, overrides)
    beside = cache.folder / OWN_LABELS
    labelled = read_labelled(settings, split.split, split.annotations or (beside if beside.is_file() else None))
    held = set(cache.filenames)
    images = labelled.where([name in held for name in rename_like(dict.fromkeys(labelled.filenames), held)])
    if len(images.filenames) < len(labelled.filenames):
        log.warning("%s: maps of %d of the %d labelled images only", cache.folder, len(held), len(labelled.filenames))
    return images, build_postprocess(settings)
