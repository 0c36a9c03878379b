"""Maps that settings or weights are chosen on must not be of images that their detectors were trained on."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from ocr.probability_maps import MapCache, file_sha256
from runners.maps.settings import load_settings
from runners.wiring.training_files import check_not_trained_on

log = logging.getLogger(__name__)


def check_maps_not_trained_on(cache: MapCache, overrides: DictConfig, images: Iterable[Path]) -> None:
    """Refuses maps of images that a detector behind them has learnt from; out-of-fold maps are none of these.

    Args:
        cache: of one detector, or of an ensemble.
        overrides: as `load_module` takes them.
        images: the images; what is no file is compared by name only.

    Raises:
        ocr.annotations.leaks.LeakError: naming the images.
    """
    paths = list(images)
    for source in _detectors(cache.source):
        checkpoint = Path(str(source.get("checkpoint", "")))
        if checkpoint.is_file() and file_sha256(checkpoint) == source.get("checkpoint_sha256"):
            check_not_trained_on(load_settings(checkpoint, overrides), paths)
        else:
            log.warning("%s: cannot tell what %s was trained on, it is not at hand", cache.folder, checkpoint)


def _detectors(source: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Provenance of each single detector behind maps, but of those that predicted out of fold."""
    if source.get("out_of_fold"):
        return
    if "members" not in source:
        yield source
    for member in source.get("members", ()):
        yield from _detectors(member)
