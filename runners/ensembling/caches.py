"""Probability maps of an ensemble's members."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig

from ocr.datasets.selection import ImageSelection
from ocr.ensemble import check_same_images
from ocr.probability_maps import CacheError, MapCache
from runners.ensembling.members import Member
from runners.maps.caching import cache_maps
from runners.maps.settings import find_checkpoint, load_settings

log = logging.getLogger(__name__)


def member_settings(member: Member) -> DictConfig:
    """The settings that a model's maps are to be used with: its checkpoint's, with the command's on top."""
    if member.kind == "checkpoint":
        return load_settings(member.path, member.overrides)
    checkpoint = find_checkpoint(MapCache(member.path)) if member.kind == "maps" else None
    if member.kind == "maps" and checkpoint is None:
        log.warning("%s: its checkpoint is not at hand; settings that are not given have their defaults", member.path)
    return load_settings(checkpoint, member.overrides)


def cache_members(members: Sequence[Member], images: ImageSelection | None, folder: Path) -> list[MapCache]:
    """Open the folders of maps, and predict the others' into `<folder>/<number>`, where they are used again.

    Args:
        members: checkpoints and folders of maps.
        images: what to predict; needed for checkpoints.
        folder: of the checkpoints' maps. What lies there of something else is replaced with `overwrite`.

    Raises:
        ValueError: if the maps are of other images.
        CacheError: if a folder is no cache, or holds one of something else.
    """
    caches = []
    for number, member in enumerate(members):
        if member.kind == "maps" or images is None:
            caches.append(MapCache(member.path))
        else:
            log.info("member %d of %d: %s", number + 1, len(members), member.path)
            caches.append(_predict(member, images, folder / str(number)))
    check_same_images(caches)
    return caches


def _predict(member: Member, images: ImageSelection, folder: Path) -> MapCache:
    try:
        return cache_maps(member.path, member.overrides, images, folder)
    except CacheError:
        if not member.overrides.overwrite:
            raise
        return cache_maps(member.path, member.overrides, images, folder, overwrite=True)
