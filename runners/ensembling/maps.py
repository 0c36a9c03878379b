"""An ensemble of models: the mean of their probability maps, then one post-processing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from omegaconf import DictConfig
from rich.progress import track

from ocr.annotations.records import ImageRecord, UnreadableImage
from ocr.datasets.selection import select_images
from ocr.datasets.word_counts import check_scorable
from ocr.ensemble import check_same_names, fuse_caches
from ocr.ensemble.detection import detect
from ocr.ensemble.streaming import map_in_order
from ocr.postprocess import Detections
from ocr.probability_maps import ImageMap, MapCache, MapCacheWriter
from ocr.submission.prediction_folder import write_prediction_folder
from runners.cli.settings import plain
from runners.ensembling.caches import cache_members
from runners.ensembling.labels import Labels
from runners.ensembling.members import Member
from runners.ensembling.run import EnsembleRun
from runners.ensembling.weights import find_weights, given_weights
from runners.wiring.parts import build_postprocess
from runners.wiring.trainers import git_commit


def fuse_members(
    config: DictConfig, members: Sequence[Member], output: Path, settings: DictConfig, labels: Labels | None
) -> EnsembleRun:
    """Predicts what is not predicted yet, fuses, finds the text, and writes it.

    Args:
        config: the command's settings.
        members: checkpoints and folders of maps.
        output: an existing folder; checkpoints' maps go below its `members/`, and those to search weights on below its
            `search/`.
        settings: of the post-processing, and the data's root.
        labels: of the images, where there are any.

    Raises:
        ValueError: if members or labels are of other images, or weights cannot be used or found.
    """
    if config.vote is not None:
        raise ValueError("expected no vote with models: it is for prediction files; maps are averaged by weights=[…]")
    weights = given_weights(config, len(members))
    caches, filenames = _collect(config, members, Path(settings.datasets.root), output / "members")
    if labels is not None:
        check_same_names(labels.path, labels.annotations, output, filenames)
        check_scorable(labels.annotations.values(), str(labels.path))
    if weights is None:
        same = config.search.images == config.images
        weights = find_weights(config, members, settings, output / ("members" if same else "search")).weights
    found = _find_text(config, caches, weights, settings)
    read = {record.filename: detections for record, detections in found}
    unreadable = [UnreadableImage(name, f"{name}: could not be read") for name in filenames if name not in read]
    write_prediction_folder(output, filenames, found, unreadable)
    return EnsembleRun(read, unreadable, _describe(config, caches, weights, settings))


def _describe(
    config: DictConfig, caches: Sequence[MapCache], weights: Sequence[float], settings: DictConfig
) -> dict[str, Any]:
    """What matters, for the ledger."""
    return {
        "weights": list(weights),
        "space": config.space,
        "models": {"head": plain(settings.models.head, resolve=True)},
        "img_size": [cache.source.get("img_size") for cache in caches],
        "tta": [cache.source.get("tta") for cache in caches],
        "calibration": config.calibration,
    }


def _collect(
    config: DictConfig, members: Sequence[Member], root: Path, folder: Path
) -> tuple[list[MapCache], list[str]]:
    """The members' maps, and the names of all images, also of those that could not be read."""
    if config.images is None:
        caches = cache_members(members, None, folder)
        return caches, list(caches[0].filenames)
    images = select_images(config.images, root, recursive=config.recursive)
    caches = cache_members(members, images, folder)
    if all(member.kind == "maps" for member in members):
        check_same_names(images.folder, images.filenames, caches[0].folder, caches[0].filenames)
    return caches, images.filenames


def _find_text(
    config: DictConfig, caches: Sequence[MapCache], weights: Sequence[float], settings: DictConfig
) -> list[tuple[ImageRecord, Detections]]:
    """Fuses and post-processes image by image, in threads; keeps the fused maps where that is asked for."""
    postprocess, digests = build_postprocess(settings), caches[0].image_sha256
    with _map_writer(config, caches, weights) as writer:

        def keep(fused: ImageMap) -> ImageMap:
            if writer is not None:
                writer.add(fused, digests[fused.record.filename])
            return fused

        fused = map_in_order(keep, fuse_caches(caches, weights, space=config.space, threads=config.threads))
        found = list(track(detect(fused, postprocess), "images", len(caches[0])))
        if writer is not None:
            writer.close(caches[0].filenames)
    return found


def _map_writer(
    config: DictConfig, caches: Sequence[MapCache], weights: Sequence[float]
) -> AbstractContextManager[MapCacheWriter | None]:
    """What keeps the fused maps in `save_maps`; nothing where that is null."""
    if config.save_maps is None:
        return nullcontext()
    if Path(config.save_maps).resolve() in {cache.folder.resolve() for cache in caches}:
        raise ValueError(f"expected save_maps to be another folder than the members', got {config.save_maps}")
    members = [dict(cache.source) for cache in caches]
    source = {"members": members, "weights": list(weights), "space": config.space, "commit": git_commit()}
    return MapCacheWriter(config.save_maps, bits=config.save_maps_bits, source=source, overwrite=config.overwrite)
