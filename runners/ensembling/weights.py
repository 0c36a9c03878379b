"""The weights of an ensemble's members: given, equal, or searched for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from rich.progress import track

from ocr.annotations.reading import ImageAnnotation
from ocr.datasets.selection import select_images
from ocr.ensemble import FoundWeights, WeightTable, search_weights
from ocr.ensemble.weights import normalised_weights
from ocr.probability_maps import MapCache
from runners.ensembling.caches import cache_members
from runners.ensembling.labels import Labels, read_labels
from runners.ensembling.members import Member
from runners.maps.calibration import OWN_LABELS
from runners.maps.leaks import check_maps_not_trained_on
from runners.wiring.parts import build_postprocess

log = logging.getLogger(__name__)


def given_weights(config: DictConfig, members: int) -> tuple[float, ...] | None:
    """Weights of sum 1, or None where they are to be searched for.

    Raises:
        ValueError: if they are no list of numbers, one for each member.
    """
    if config.weights == "search":
        return None
    if config.weights is None:
        return normalised_weights(None, members)
    if not OmegaConf.is_list(config.weights):
        raise ValueError(f"expected weights to be a list, null (equal) or search, got {config.weights!r}")
    return normalised_weights([float(weight) for weight in config.weights], members)


def find_weights(config: DictConfig, members: Sequence[Member], settings: DictConfig, folder: Path) -> FoundWeights:
    """Search for weights on labelled images, and say what came of it.

    Args:
        config: the command's settings.
        members: checkpoints and folders of maps.
        settings: of the post-processing, and the data's root.
        folder: for the maps of checkpoints.

    Raises:
        ValueError: if there are no labels, or no labelled maps of each member.
        ocr.annotations.leaks.LeakError: if a member was trained on the images, unless `allow_leak`.
    """
    search, root = config.search, Path(settings.datasets.root)
    labels = read_labels(search.annotations or _labels_beside(search.maps), search.images, root)
    if labels is None:
        raise ValueError(
            f"expected labels to search weights on, found none for search.images={search.images} in {root}: "
            "give a labelled part, or search.annotations=FILE"
        )
    caches = _labelled_caches(config, members, root, folder)
    annotations = _of_held_images(labels, caches[0])
    if not config.allow_leak:
        paths = [root / "images" / str(search.images) / filename for filename in annotations]
        for member, cache in zip(members, caches, strict=True):
            check_maps_not_trained_on(cache, member.overrides, paths)
    postprocess = vars(build_postprocess(settings))
    table = WeightTable(caches, annotations, postprocess, space=config.space, threads=config.threads, track=track)
    found = search_weights(table, repeats=search.repeats, confidence=search.confidence, seed=search.seed)
    _report(found)
    return found


def _labelled_caches(config: DictConfig, members: Sequence[Member], root: Path, folder: Path) -> list[MapCache]:
    if config.search.maps is not None:
        if len(config.search.maps) != len(members):
            raise ValueError(
                f"expected search.maps to have a folder for each of the {len(members)} members, "
                f"got {len(config.search.maps)}"
            )
        return [MapCache(path) for path in config.search.maps]
    predicted = [member.path for member in members if member.kind == "maps"]
    if predicted:
        raise ValueError(
            f"expected search.maps=[…], a folder of labelled maps for each member, because {predicted[0]} is no "
            "checkpoint that could predict them"
        )
    return cache_members(members, select_images(config.search.images, root), folder)


def _of_held_images(labels: Labels, cache: MapCache) -> dict[str, ImageAnnotation]:
    """Labels of the images that the maps hold, as runners/calibrate.py takes them."""
    held = {name: labels.annotations[name] for name in cache.filenames if name in labels.annotations}
    if len(held) < len(labels.annotations):
        log.warning("%s: maps of %d of the %d labelled images only", cache.folder, len(held), len(labels.annotations))
    return held


def _labels_beside(maps: Sequence[str] | None) -> str | None:
    """The labels that lie beside the first member's maps, where there are any."""
    path = Path(maps[0]) / OWN_LABELS if maps else None
    return str(path) if path is not None and path.is_file() else None


def _report(found: FoundWeights) -> None:
    weights = ", ".join(f"{weight:.3g}" for weight in found.found)
    log.info("best weights on %d images: [%s]", found.images, weights)
    log.info(
        "H %.5f with equal weights, %.5f with these, %.5f cross-fitted: gain %+.5f [%+.5f, %+.5f], P(gain > 0) %.3f",
        *(found.equal_hmean, found.found_hmean, found.cross_fitted_hmean),
        *(found.gain.mean, found.gain.low, found.gain.high, found.gain.probability),
    )
    log.info("the weights found are taken" if found.accepted else "that is not certain enough: equal weights are taken")
