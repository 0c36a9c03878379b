"""What a data report is to be made for, and the maps that its labels are held against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ocr.data_report.label_errors import Suspect, rank_label_errors
from ocr.data_report.report import DataReport, Use
from ocr.inference.origins import check_maps_not_trained_on, find_checkpoint
from ocr.probability_maps import MapCache
from runners.cli.settings import Settings
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_settings
from runners.wiring.parts import build_letterbox, build_postprocess
from runners.wiring.training import training_paths


def build_use(settings: Settings, hash_distance: int) -> Use:
    """What the data are for.

    Args:
        settings: of a training with these data.
        hash_distance: bits that may differ in perceptual hashes of images that look alike.
    """
    train, val = (settings.datasets[part]["split"] for part in ("train", "val"))
    also = [Path(folder) for folder in settings.datasets["train"]["also"]]
    return Use(train, val, also, build_letterbox(settings, "val"), build_postprocess(settings), hash_distance)


def rank_suspects(maps: str, report: DataReport, *, allow_leak: bool) -> Sequence[Suspect]:
    """Likely label errors by maps that were predicted out of fold, or by a detector that trained on other images.

    Args:
        maps: their folder.
        report: of the labels.
        allow_leak: take maps of a detector that was trained on these images.

    Raises:
        ocr.probability_maps.CacheError: if maps are damaged, or of other images.
        ocr.annotations.leaks.LeakError: if a detector was trained on these images, unless `allow_leak`.
    """
    cache = MapCache(maps)
    images = {name: image for name, image in report.labelled_images.items() if name in set(cache.filenames)}
    if not allow_leak:
        paths = [image.path for _, image in images.values()]
        check_maps_not_trained_on(cache, paths, lambda checkpoint: training_paths(checkpoint, Overrides()))
    postprocess = build_postprocess(load_settings(find_checkpoint(cache), Overrides()))
    labels = {name: label for name, (label, _) in images.items()}
    return rank_label_errors(cache.labelled(labels), labels, postprocess)
