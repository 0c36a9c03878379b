"""Training and validation must have no image in common."""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from baseline_code.files.names import find_file, same_name

LISTED = 5

log = logging.getLogger(__name__)


class LeakError(ValueError):
    """Training images are among those that are validated on."""


def check_no_leak(train: Iterable[Path], val: Iterable[Path]) -> None:
    """Refuses a validation set that has an image in common with the training set.

    Args:
        train: paths of the training images.
        val: paths of the validation images.

    Raises:
        LeakError: naming the shared images, the first five of them.
    """
    shared = find_shared(train, val)
    if shared:
        listed = ", ".join(f"{ours} (train: {theirs})" for ours, theirs in shared[:LISTED])
        raise LeakError(
            f"expected no training image in the validation part, got {len(shared)} of the same content: "
            f"{listed}; take them out of one part, or set datasets.allow_leak=true where that is the point"
        )


def find_shared(train: Iterable[Path], other: Iterable[Path]) -> list[tuple[str, str]]:
    """Images whose file has the bytes of a training image.

    Only files of equal size are hashed, so that the search costs next to nothing. Equal names say nothing where both
    files are there (`img_1.jpg` is in every part of some data): a warning counts those of other content. Where one of
    the two is no file, the name has to do.

    Args:
        train: paths of the training images.
        other: paths of other images.

    Returns:
        (name, name of the training image) of each such image, by name.
    """
    train_paths, other_paths = list(map(find_file, train)), list(map(find_file, other))
    trained = {same_name(path.name): path for path in train_paths}
    by_size: dict[int, list[Path]] = defaultdict(list)
    for path in train_paths:
        if path.is_file():
            by_size[path.stat().st_size].append(path)
    shared: dict[str, str] = {}
    namesakes: list[str] = []
    for path in other_paths:
        is_there = path.is_file()
        duplicates = by_size.get(path.stat().st_size, []) if is_there else []
        digest = _digest(path) if duplicates else ""
        same = [duplicate.name for duplicate in duplicates if _digest(duplicate) == digest]
        namesake = trained.get(same_name(path.name))
        if same:
            shared[path.name] = same[0]
        elif namesake is not None and is_there and namesake.is_file():
            namesakes.append(path.name)
        elif namesake is not None:
            shared[path.name] = namesake.name
    if namesakes:
        log.warning(
            "%d images have the name of a training image and other content: %s; are they other images?",
            len(namesakes),
            ", ".join(namesakes[:LISTED]),
        )
    return sorted(shared.items())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
