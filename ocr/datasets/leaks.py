"""Training and validation must not share a picture."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path


class LeakError(ValueError):
    """Training pictures are among those that are validated on."""


def check_no_leak(train: Iterable[Path], val: Iterable[Path]) -> None:
    """Refuses a validation set that shares a file name or a file's bytes with the training set.

    Args:
        train: paths of the training pictures.
        val: paths of the validation pictures.

    Raises:
        LeakError: naming the shared pictures, the first five of them.
    """
    shared = find_shared(train, val)
    if shared:
        listed = ", ".join(f"{ours} (train: {theirs})" for ours, theirs in shared[:5])
        raise LeakError(
            f"expected no training picture in the validation part, got {len(shared)} of the same name or content: "
            f"{listed}; take them out of one part, or set datasets.allow_leak=true where that is the point"
        )


def find_shared(train: Iterable[Path], other: Iterable[Path]) -> list[tuple[str, str]]:
    """Pictures that share a file name or a file's bytes with a training picture.

    Only files of equal size are hashed, so that the search costs next to nothing.

    Args:
        train: paths of the training pictures.
        other: paths of other pictures.

    Returns:
        (name, name of the training picture) of each such picture, by name.
    """
    train_paths, other_paths = list(train), list(other)
    names = {path.name for path in train_paths}
    shared = {path.name: path.name for path in other_paths if path.name in names}
    by_size: dict[int, list[Path]] = defaultdict(list)
    for path in train_paths:
        if path.is_file():
            by_size[path.stat().st_size].append(path)
    for path in other_paths:
        twins = by_size.get(path.stat().st_size, []) if path.is_file() else []
        digest = _digest(path) if twins else ""
        same = [twin.name for twin in twins if _digest(twin) == digest]
        if same:
            shared[path.name] = same[0]
    return sorted(shared.items())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
