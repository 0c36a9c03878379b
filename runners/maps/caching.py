"""Probability maps of images by a checkpoint, in a cache that is used again where nothing has changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from baseline_code.images.reading import ImageReadError, read_image
from ocr.datasets.selection import Images
from ocr.probability_maps import CacheError, MapCache, MapCacheWriter, file_sha256
from ocr.probability_maps.cache_index import INDEX, Bits
from ocr.transforms.tta_views import TTAViews
from runners.cli.entry import CONFIG_DIR
from runners.maps.images import predict_images
from runners.maps.settings import load_settings
from runners.wiring.detector import build_tta_views, load_module
from runners.wiring.trainers import git_commit

ONLY_REPORTED = ("checkpoint", "commit")
"""What a source tells people; two that differ in nothing else give the same maps."""

log = logging.getLogger(__name__)


def default_overrides() -> DictConfig:
    """The overrides of someone who types none: everything comes from the checkpoint, one plain transform."""
    overrides = OmegaConf.load(CONFIG_DIR / "overrides.yaml")
    if not isinstance(overrides, DictConfig):
        raise TypeError(f"expected a mapping in overrides.yaml, got {type(overrides).__name__}")
    return overrides


def cache_maps(
    checkpoint_path: str | Path,
    overrides: DictConfig,
    images: Images,
    folder: Path,
    *,
    bits: Bits = 16,
    overwrite: bool = False,
) -> MapCache:
    """Predicts the maps of images into a cache, or takes those that an earlier call left there.

    Images are seen as the test part is (`datasets.test.img_size`), whatever part they come from.

    Args:
        checkpoint_path: a detector's checkpoint.
        overrides: as `load_module` takes them, with `tta`; `default_overrides()` where nobody typed any.
        images: which images, in the order that the cache is to have: `select_images(…)`, or the labelled ones of a
            part (`datamodule.images(part)`).
        folder: of the cache. One that has been interrupted is begun anew.
        bits: 8 or 16.
        overwrite: replace a cache of something else.

    Returns:
        The cache. Files that cannot be read are not in it; each is a warning in the log.

    Raises:
        runners.wiring.checkpoints.CheckpointError: if the checkpoint cannot be used.
        CacheError: if `folder` holds a cache of something else, which is named, and `overwrite` is false.
    """
    settings = load_settings(Path(checkpoint_path), overrides)
    views = build_tta_views(overrides, settings, "test")
    source = describe_source(checkpoint_path, settings, views)
    kept = None if overwrite else _kept(folder, source, images, bits)
    if kept is not None:
        log.info("%s: the maps of %d images are there already and are used again", folder, len(kept.filenames))
        return kept
    module, settings = load_module(checkpoint_path, overrides)
    with MapCacheWriter(folder, bits=bits, source=source, overwrite=overwrite) as writer:
        found = predict_images(module, settings, images, views, writer)
        writer.close(images.filenames)
    for image in found.unreadable:
        log.warning("%s", image.reason)
    return MapCache(folder)


def describe_source(checkpoint_path: str | Path, settings: DictConfig, views: TTAViews) -> dict[str, Any]:
    """What a cache keeps about its origin: whatever changes a map, and for people the path and the commit."""
    return {
        "checkpoint": str(checkpoint_path),
        "checkpoint_sha256": file_sha256(checkpoint_path),
        "img_size": views.base.img_size,
        "padding": views.base.padding,
        "precision": str(settings.trainer.precision),
        "tta": views.settings,
        "commit": git_commit(),
    }


def _kept(folder: Path, source: Mapping[str, Any], images: Images, bits: int) -> MapCache | None:
    """The cache in the folder, if it is the one that is wanted; None if there is none.

    Raises:
        CacheError: if it is a cache of something else.
    """
    if not (folder / INDEX).exists():
        return None
    cache = MapCache(folder)
    reason = _difference(cache, source, images, bits)
    if reason is not None:
        raise CacheError(
            f"{folder} holds probability maps of something else ({reason}): "
            "choose another folder, or replace them by overwrite=true"
        )
    return cache


def _difference(cache: MapCache, source: Mapping[str, Any], images: Images, bits: int) -> str | None:
    """In what a cache is not the one that is wanted, in words; None where it is."""
    if cache.bits != bits:
        return f"{cache.bits} bits per pixel, expected {bits}"
    for name, expected in source.items():
        if name not in ONLY_REPORTED and cache.source.get(name) != expected:
            return f"{name} {cache.source.get(name)}, expected {expected}"
    digests = cache.image_sha256
    readable = []
    for folder, filename in zip(images.folders, images.filenames, strict=True):
        path = folder / filename
        if filename in digests and (not path.is_file() or file_sha256(path) != digests[filename]):
            return f"{filename} was another file"
        if filename in digests or _is_readable(path):
            readable.append(filename)
    if readable != list(cache.filenames):
        return f"maps of {len(cache)} images, expected {len(readable)} or another order"
    return None


def _is_readable(path: Path) -> bool:
    try:
        read_image(path)
    except ImageReadError:
        return False
    return True
