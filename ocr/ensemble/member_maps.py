"""The models of an ensemble: checkpoints and folders of probability maps, and the maps of each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ocr.datasets.selection import Images
from ocr.ensemble.members import check_same_images
from ocr.inference.map_caching import cache_maps
from ocr.inference.predictor import Predictor
from ocr.probability_maps import MapCache

log = logging.getLogger(__name__)


class Member(NamedTuple):
    """One model, or its predictions: a checkpoint, a folder of maps, or a file or folder of predictions."""

    path: Path
    load: Callable[[], Predictor] | None = None  # of a checkpoint
    is_predictions: bool = False


def member_maps(
    members: Sequence[Member], images: Images | None, folder: Path, *, overwrite: bool = False
) -> list[MapCache]:
    """Opens the folders of maps, and predicts the checkpoints' maps into `<folder>/<number>`, to be used again.

    Args:
        members: checkpoints and folders of maps.
        images: what to predict; None: nothing but folders are read.
        folder: of the checkpoints' maps.
        overwrite: replace maps of something else that lie there.

    Raises:
        ValueError: if the maps are of other images.
        CacheError: if a folder is no cache, or holds one of something else.
    """
    caches = []
    for number, member in enumerate(members):
        if member.load is None or images is None:
            caches.append(MapCache(member.path))
        else:
            log.info("member %d of %d: %s", number + 1, len(members), member.path)
            caches.append(cache_maps(member.load(), images, folder / str(number), overwrite=overwrite))
    check_same_images(caches)
    return caches
