"""What a data report is to be made for, and the maps that its labels are held against."""

from __future__ import annotations

from collections.abc import Sequence

from omegaconf import DictConfig

from ocr.data_report.label_errors import Suspect, rank_label_errors
from ocr.data_report.report import DataReport, Use
from ocr.inference.origins import check_maps_not_trained_on, find_checkpoint
from ocr.probability_maps import MapCache
from ocr.transforms.geometric import Letterbox
from runners.wiring.detector import default_overrides, load_settings
from runners.wiring.parts import build_part, build_postprocess
from runners.wiring.training import training_paths


def build_use(config: DictConfig) -> Use:
    """What the data are for.

    Args:
        config: as of configs/doctor.yaml.
    """
    datasets = config.datasets
    letterbox: Letterbox = build_part(config.build.letterbox, datasets.val, padding=datasets.padding)
    return Use(datasets.train.split, datasets.val.split, letterbox, build_postprocess(config), config.hash_distance)


def rank_suspects(config: DictConfig, report: DataReport) -> Sequence[Suspect]:
    """Likely label errors by maps that were predicted out of fold, or by a detector that trained on other images.

    Args:
        config: as of configs/doctor.yaml.
        report: of the labels.

    Raises:
        ocr.probability_maps.CacheError: if maps are damaged, or of other images.
        ocr.annotations.leaks.LeakError: if a detector was trained on these images, unless `allow_leak`.
    """
    cache = MapCache(config.maps)
    images = {name: image for name, image in report.labelled_images.items() if name in set(cache.filenames)}
    overrides = default_overrides()
    if not config.allow_leak:
        paths = [image.path for _, image in images.values()]
        check_maps_not_trained_on(cache, paths, lambda checkpoint: training_paths(checkpoint, overrides))
    postprocess = build_postprocess(load_settings(find_checkpoint(cache), overrides))
    labels = {name: label for name, (label, _) in images.items()}
    return rank_label_errors(cache.labelled(labels), labels, postprocess)
