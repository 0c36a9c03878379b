"""Probability maps of images by a detector, in a cache that is used again where nothing has changed."""

from __future__ import annotations

import logging
from pathlib import Path

from baseline_code.files.duplicates import file_sha256
from baseline_code.files.names import find_file
from baseline_code.images.reading import why_unreadable
from ocr.datasets.selection import Images
from ocr.inference.predictor import Found, Predictor
from ocr.postprocess import Detections
from ocr.probability_maps import CacheError, ImageMap, MapCache, MapCacheWriter
from ocr.probability_maps.cache_index import INDEX, Bits
from ocr.transforms.geometric import Letterbox

ONLY_REPORTED = ("checkpoint", "commit", "shrink_ratio")
"""What a source says beside what tells maps apart; two that differ in nothing else give the same maps."""
BEFORE = {"resize": Letterbox.resize, "max_side": Letterbox.max_side}
"""What an index that is older than a setting stands for."""

log = logging.getLogger(__name__)


def find_and_keep(detector: Predictor, images: Images, writer: MapCacheWriter) -> Found[Detections]:
    """Words of images, whose maps are kept in a cache, which is closed.

    Args:
        detector: finds them.
        images: in the order that the cache is to have. Those that cannot be read are not in it.
        writer: of the cache.

    Raises:
        ocr.inference.background.BackgroundError: if an image's map cannot be worked on or written.
    """
    paths = {name: find_file(folder / name) for folder, name in zip(images.folders, images.filenames, strict=True)}

    def keep(image_map: ImageMap) -> None:
        writer.add(image_map, file_sha256(paths[image_map.record.filename]))

    found = detector.find(images, keep)
    writer.close(images.filenames)
    return found


def cache_maps(
    detector: Predictor, images: Images, folder: Path, *, bits: Bits = 16, overwrite: bool = False
) -> MapCache:
    """Predicts the maps of images into a cache, or takes those that an earlier call left there.

    Args:
        detector: predicts them; its `source` is kept with them.
        images: which images, in the order that the cache is to have: `select_images(…)`, or labelled ones.
        folder: of the cache. One that has been interrupted is begun anew.
        bits: 8 or 16.
        overwrite: replace a cache of something else.

    Returns:
        The cache. Files that cannot be read are not in it; each is a warning in the log.

    Raises:
        CacheError: if `folder` holds a cache of something else, which is named, and `overwrite` is false.
    """
    kept = _kept(folder, detector, images, bits, overwrite=overwrite)
    if kept is not None:
        log.info("%s: the maps of %d images are there already and are used again", folder, len(kept.filenames))
        return kept
    with MapCacheWriter(folder, bits=bits, source=detector.source, overwrite=overwrite) as writer:
        found = find_and_keep(detector, images, writer)
    for image in found.unreadable:
        log.warning("%s", image.reason)
    return MapCache(folder)


def _kept(folder: Path, detector: Predictor, images: Images, bits: int, *, overwrite: bool) -> MapCache | None:
    """The cache in the folder, if it is the one that is wanted; None if there is none, or another to be replaced."""
    if not (folder / INDEX).exists():
        return None
    try:
        cache = MapCache(folder)
    except CacheError:
        if overwrite:
            return None
        raise
    reason = _difference(cache, detector, images, bits)
    if reason is None:
        return cache
    if overwrite:
        return None
    raise CacheError(
        f"{folder} holds probability maps of something else ({reason}): "
        "choose another folder, or replace them by overwrite=true"
    )


def _difference(cache: MapCache, detector: Predictor, images: Images, bits: int) -> str | None:
    """In what a cache is not the one that is wanted, in words; None where it is."""
    if cache.bits != bits:
        return f"{cache.bits} bits per pixel, expected {bits}"
    for name, expected in detector.source.items():
        found = cache.source.get(name, BEFORE.get(name))
        if name not in ONLY_REPORTED and found != expected:
            return f"{name} {found}, expected {expected}"
    digests = cache.image_sha256
    readable = []
    for folder, filename in zip(images.folders, images.filenames, strict=True):
        path = find_file(folder / filename)
        if filename in digests and (not path.is_file() or file_sha256(path) != digests[filename]):
            return f"{filename} was another file"
        if filename in digests or why_unreadable(path) is None:
            readable.append(filename)
    if readable != list(cache.filenames):
        return f"maps of {len(cache)} images, expected {len(readable)} or another order"
    return None
