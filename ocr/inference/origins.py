"""Which detectors are behind probability maps, and what these were trained on: nothing is chosen on such images."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from baseline_code.files.duplicates import file_sha256
from ocr.annotations.leaks import LeakError, check_no_leak
from ocr.probability_maps import MapCache
from ocr.starts import StartError, checkpoint_file

HINT = "allow_leak=true does it all the same"

log = logging.getLogger(__name__)


def check_not_trained_on(training_paths: Callable[[], list[Path] | None], images: Iterable[Path]) -> None:
    """Refuses images that a detector has learnt from; see `check_no_leak`.

    Args:
        training_paths: gives the image files that it was trained on; None where it does not say: that is a warning.
        images: labelled images to choose settings or weights on; what is no file is compared by name only.

    Raises:
        LeakError: naming them; also if it cannot be known, because the training data are not there.
    """
    try:
        trained = training_paths()
    except (ValueError, OSError) as error:
        raise LeakError(f"expected to know what the checkpoint was trained on, got: {error}; {HINT}") from error
    if trained is None:
        log.warning("cannot know what the detector was trained on: where it has seen these images, all looks better")
        return
    check_no_leak(
        trained,
        images,
        expected="images that the checkpoint was not trained on",
        relation="trained on",
        hint=f"take another split, or out-of-fold maps of runners/kfold.py ({HINT})",
    )


def check_maps_not_trained_on(
    cache: MapCache, images: Iterable[Path], training_paths_of: Callable[[Path], list[Path] | None]
) -> None:
    """Refuses maps of images that a detector behind them has learnt from; out-of-fold maps are none of these.

    Args:
        cache: of one detector, or of an ensemble.
        images: as by `check_not_trained_on`.
        training_paths_of: gives the image files that a checkpoint was trained on, as `check_not_trained_on` takes them.

    Raises:
        LeakError: naming the images.
    """
    paths = list(images)
    for source in _detectors(cache.source):
        checkpoint = _present_checkpoint(source)
        if checkpoint is not None:
            check_not_trained_on(partial(training_paths_of, checkpoint), paths)
        else:
            named = source.get("checkpoint", "a checkpoint")
            log.warning("%s: cannot know what %s was trained on, it is not at hand", cache.folder, named)


def checkpoints_behind(caches: Iterable[MapCache]) -> list[Path]:
    """The checkpoints that are at hand of the detectors behind maps, but of those that predicted out of fold."""
    sources = [source for cache in caches for source in _detectors(cache.source)]
    present = (_present_checkpoint(source) for source in sources)
    return list(dict.fromkeys(path for path in present if path is not None))


def find_checkpoint(cache: MapCache) -> Path | None:
    """The checkpoint, or the name of the detector, that maps came from; of an ensemble's maps that of its first member.

    Returns:
        None if that is not known, or the file is gone or another one.
    """
    source: Mapping[str, Any] = cache.source
    while source.get("members"):
        source = source["members"][0]
    return _present_checkpoint(source)


def _present_checkpoint(source: Mapping[str, Any]) -> Path | None:
    """The checkpoint of one detector's maps, or its name; None where its file is gone or another one."""
    path = Path(str(source.get("checkpoint", "")))
    try:
        file = checkpoint_file(path)
    except StartError:
        return None
    return path if file.is_file() and file_sha256(file) == source.get("checkpoint_sha256") else None


def _detectors(source: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Provenance of each single detector behind maps, but of those that predicted out of fold."""
    if source.get("out_of_fold"):
        return
    if "members" not in source:
        yield source
    for member in source.get("members", ()):
        yield from _detectors(member)
