"""Training and validation must have no image in common."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from baseline_code.files.duplicates import FileContent, match_contents
from baseline_code.files.names import find_file, same_name
from baseline_code.files.shown_text import listed

log = logging.getLogger(__name__)


class LeakError(ValueError):
    """Training images are among those that are validated on."""


def check_no_leak(
    train: Iterable[Path],
    val: Iterable[Path],
    *,
    expected: str = "no training image in the validation split",
    relation: str = "train",
    hint: str = "take them out of one split, or set datasets.allow_leak=true where that is the point",
) -> None:
    """Refuses images that training has seen; see `find_shared`.

    Args:
        train: paths of the training images.
        val: paths of the images to validate, or to choose settings on.
        expected: what was expected, for the message.
        relation: what the message calls a training image.
        hint: what to do, for the message.

    Raises:
        LeakError: naming the shared images, the first five of them.
    """
    shared = find_shared(train, val)
    if shared:
        names = listed(f"{ours} ({relation}: {theirs})" for ours, theirs in shared)
        raise LeakError(f"expected {expected}, got {len(shared)} of the same content: {names}; {hint}")


def find_shared(train: Iterable[Path], other: Iterable[Path]) -> list[tuple[str, str]]:
    """Images whose file has the bytes of a training image.

    Equal names say nothing where both files are there (`img_1.jpg` is in every split of some data): a warning counts
    those of other content. Where one of the two is no file, the name has to do.

    Args:
        train: paths of the training images.
        other: paths of other images.

    Returns:
        (name, name of the training image) of each such image, by name.
    """
    train_paths, other_paths = list(map(find_file, train)), list(map(find_file, other))
    trained = {same_name(path.name): path for path in train_paths}
    train_files = [path for path in train_paths if path.is_file()]
    other_files = [path for path in other_paths if path.is_file()]
    found = match_contents([FileContent(path) for path in other_files], [FileContent(path) for path in train_files])
    duplicate_of = dict(zip(other_files, found, strict=True))
    shared: dict[str, str] = {}
    namesakes: list[str] = []
    for path in other_paths:
        number, namesake = duplicate_of.get(path), trained.get(same_name(path.name))
        if number is not None:
            shared[path.name] = train_files[number].name
        elif namesake is not None and path in duplicate_of and namesake.is_file():
            namesakes.append(path.name)
        elif namesake is not None:
            shared[path.name] = namesake.name
    if namesakes:
        log.warning(
            "%d images have the name of a training image and other content: %s; are they other images?",
            len(namesakes),
            listed(namesakes),
        )
    return sorted(shared.items())
