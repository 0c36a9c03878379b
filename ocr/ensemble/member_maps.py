"""The models of an ensemble, the probability maps of each, and the words in the mean of these maps."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.progress import track

from baseline_code.images.reading import why_unreadable
from baseline_code.images.unreadable import UnreadableImage
from baseline_code.threads import map_in_order
from ocr.annotations.records import ImageRecord
from ocr.datasets.selection import Images
from ocr.ensemble.members import check_same_images
from ocr.ensemble.streaming import detect, fuse_caches
from ocr.inference.map_caching import cache_maps
from ocr.inference.predictor import Predictor
from ocr.postprocess import DBPostProcess, Detections
from ocr.probability_maps import ImageMap, MapCache, MapCacheWriter, Space
from ocr.probability_maps.cache import check_one_shrink_ratio

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
        ValueError: if the maps are of other images, or of regions that were shrunk by other ratios.
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
    check_one_shrink_ratio(caches)
    return caches


def find_text(
    caches: Sequence[MapCache],
    postprocess: DBPostProcess,
    weights: Sequence[float] | None = None,
    *,
    space: Space = "probability",
    threads: int = 2,
    writer: MapCacheWriter | None = None,
) -> list[tuple[ImageRecord, Detections]]:
    """Words of each image, in the caches' order.

    Args:
        caches: one for each member, of the same images in the same order.
        postprocess: reads the fused maps.
        weights: see `fuse_caches`.
        space: see `fuse_caches`.
        threads: images worked on at a time.
        writer: keeps the fused maps, and is closed; None: they are not kept.

    Raises:
        ValueError: if the weights do not hold, or the caches are of other images.
        CacheError: if a map is missing or damaged.
    """
    digests = caches[0].image_sha256

    def keep(fused: ImageMap) -> ImageMap:
        if writer is not None:
            writer.add(fused, digests[fused.record.filename])
        return fused

    fused = map_in_order(keep, fuse_caches(caches, weights, space=space, threads=threads))
    found = list(track(detect(fused, postprocess), "images", len(caches[0]), transient=True))
    if writer is not None:
        writer.close(caches[0].filenames)
    return found


def unread_images(images: Images, read: Collection[str]) -> list[UnreadableImage]:
    """The images without a map, and why each could not be read.

    Args:
        images: that were asked for.
        read: names of those with a map.
    """
    paths = {name: folder / name for folder, name in zip(images.folders, images.filenames, strict=True)}
    reasons = {name: why_unreadable(path) for name, path in paths.items() if name not in read}
    return [UnreadableImage(name, reason or f"{name}: could not be read") for name, reason in reasons.items()]
