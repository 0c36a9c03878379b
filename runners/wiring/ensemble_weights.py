"""The search for an ensemble's weights, as `search` of configs/ensemble.yaml describes it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from baseline_code.files.names import rename_like
from ocr.annotations.labelled_images import OWN_LABELS, read_labels
from ocr.annotations.layout import image_folder
from ocr.datasets.selection import select_images
from ocr.ensemble import FoundWeights, WeightTable, search_weights
from ocr.ensemble.member_maps import Member, member_maps
from ocr.inference.origins import check_maps_not_trained_on
from ocr.probability_maps import MapCache
from runners.cli.settings import Settings
from runners.wiring.ensemble_members import EnsembleSettings
from runners.wiring.parts import build_postprocess
from runners.wiring.training import training_paths

log = logging.getLogger(__name__)


def find_weights(asked: EnsembleSettings, members: Sequence[Member], settings: Settings, folder: Path) -> FoundWeights:
    """Searches for weights on labelled images, and logs what came of it.

    Args:
        asked: the command's settings.
        members: checkpoints and folders of maps.
        settings: of the post-processing, and the data's root.
        folder: for the maps of checkpoints.

    Raises:
        ValueError: if there are no labels, or no labelled maps of each member.
        ocr.annotations.leaks.LeakError: if a member was trained on the images, unless `allow_leak`.
    """
    search, root = asked.search, Path(settings.datasets["root"])
    images, maps = search["images"], search["maps"]
    beside = Path(maps[0]) / OWN_LABELS if maps else None
    own = str(beside) if beside is not None and beside.is_file() else None
    labels = read_labels(search["annotations"] or own, images, root)
    if labels is None:
        raise ValueError(
            f"expected labels to search weights on, found none for search.images={images} in {root}: "
            "give a labelled split, or search.annotations=FILE"
        )
    caches = _labelled_maps(maps, members)
    if caches is None:
        caches = member_maps(members, select_images(images, root), folder, overwrite=asked.overwrite)
    named = rename_like(labels.annotations, caches[0].filenames)
    held = {name: named[name] for name in caches[0].filenames if name in named}
    if len(held) < len(labels.annotations):
        log.warning(
            "%s: maps of %d of the %d labelled images only", caches[0].folder, len(held), len(labels.annotations)
        )
    if not asked.allow_leak:
        paths = [image_folder(root, str(images)) / filename for filename in held]
        for cache in caches:
            check_maps_not_trained_on(cache, paths, lambda checkpoint: training_paths(checkpoint, asked.overrides))
    table = WeightTable(
        caches, held, vars(build_postprocess(settings)), space=asked.space, threads=asked.threads, track=track
    )
    found = search_weights(table, repeats=search["repeats"], confidence=search["confidence"], seed=search["seed"])
    _report(found)
    return found


def _labelled_maps(maps: Sequence[str] | None, members: Sequence[Member]) -> list[MapCache] | None:
    """The folders of labelled maps that were typed, one for each member; None if checkpoints are to predict them."""
    if maps is not None:
        if len(maps) != len(members):
            raise ValueError(
                f"expected search.maps to have a folder for each of the {len(members)} members, got {len(maps)}"
            )
        return [MapCache(path) for path in maps]
    predicted = [member.path for member in members if member.load is None]
    if predicted:
        raise ValueError(
            f"expected search.maps=[…], a folder of labelled maps for each member, because {predicted[0]} is no "
            "checkpoint that could predict them"
        )
    return None


def _report(found: FoundWeights) -> None:
    weights = ", ".join(f"{weight:.3g}" for weight in found.found)
    log.info("best weights on %d images: [%s]", found.images, weights)
    log.info(
        "H %.5f with equal weights, %.5f with these, %.5f cross-fitted: gain %+.5f [%+.5f, %+.5f], P(gain > 0) %.3f",
        *(found.equal_hmean, found.found_hmean, found.cross_fitted_hmean),
        *(found.gain.mean, found.gain.low, found.gain.high, found.gain.probability),
    )
    log.info("%s", _verdict(found))


def _verdict(found: FoundWeights) -> str:
    if found.accepted:
        return "the weights found are taken"
    if found.found == found.weights:
        return "equal weights are the best that the search found: they are taken"
    return "that is not certain enough: equal weights are taken"
