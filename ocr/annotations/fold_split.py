"""The split file of a K-fold training: which images each fold validates on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from baseline_code.files.json_file import is_number, read_json_object, write_json
from baseline_code.files.names import is_path_below
from baseline_code.files.shown_text import listed

VERSION = 1
MAX_COUNT = 1e12

T = TypeVar("T")


class FoldSplitError(ValueError):
    """A split file that is missing, damaged, of another version, or does not fit the data."""


class FoldStatistics(NamedTuple):
    """What a fold holds."""

    images: int
    words: int
    words_per_image: float  # mean
    word_height: float  # mean over the images of their median word height, as a fraction of the long side; in [0, 1]


class Fold(NamedTuple):
    """The images that one fold validates on."""

    filenames: tuple[str, ...]  # in the order of the annotations
    groups: tuple[tuple[str, ...], ...]  # those of them that may not be parted, two or more each
    statistics: FoldStatistics


@dataclass(frozen=True)
class FoldSplit:
    """Images assigned to folds: each image to one.

    Attributes:
        seed: of the assigning.
        splits: of the data, that the images come from.
        fingerprints: sha256 of each split's annotation file.
        grouping: what made images a group, for the record.
        folds: at least two.
    """

    seed: int
    splits: tuple[str, ...]
    fingerprints: Mapping[str, str]
    grouping: Mapping[str, Any]
    folds: tuple[Fold, ...]

    def held_out(self, fold: int) -> frozenset[str]:
        """File names that a fold validates on; it trains on all others.

        Raises:
            FoldSplitError: if there is no such fold.
        """
        if not 0 <= fold < len(self.folds):
            raise FoldSplitError(f"expected datasets.fold in 0..{len(self.folds) - 1}, got {fold}")
        return frozenset(self.folds[fold].filenames)


def write_fold_split(path: Path, split: FoldSplit) -> None:
    """Writes the split file, whole or not at all."""
    folds = [fold._asdict() | {"statistics": fold.statistics._asdict()} for fold in split.folds]
    content = {"version": VERSION, "n_splits": len(folds)} | asdict(split) | {"folds": folds}
    write_json(path, content)


def read_fold_split(path: Path) -> FoldSplit:
    """Reads a split file.

    Raises:
        FoldSplitError: if it is missing, damaged, of another version, or gives an image to two folds.
    """
    if not path.is_file():
        raise FoldSplitError(f"expected a split file at {path}, found none; runners/kfold.py writes it as folds.json")
    try:
        content = read_json_object(path, "a split file")
        version = content["version"]
        if version != VERSION:
            raise FoldSplitError(f"{path}: expected a split file of version {VERSION}, got {version!r}; split anew")
        split = FoldSplit(
            _typed(content["seed"], int, "seed"),
            _texts(content["splits"], "splits"),
            _typed(content["fingerprints"], dict, "fingerprints"),
            _typed(content["grouping"], dict, "grouping"),
            tuple(map(_read_fold, _typed(content["folds"], list, "folds"))),
        )
    except FoldSplitError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        got = error.__cause__ or error
        raise FoldSplitError(f"{path}: expected a split file, got {got!r}; delete it to split anew") from error
    if len(split.folds) < 2 or not split.splits:
        raise FoldSplitError(
            f"{path}: expected at least two folds of one split, got {len(split.folds)} of {len(split.splits)}"
        )
    counts = Counter(name for fold in split.folds for name in fold.filenames)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise FoldSplitError(f"{path}: expected each image in one fold, got {listed(twice)} in several")
    return split


def check_fits(split: FoldSplit, filenames: Collection[str], path: Path) -> None:
    """Makes sure that a split assigns exactly the images that there are.

    Args:
        split: as read.
        filenames: images of its splits.
        path: its file, for the message.

    Raises:
        FoldSplitError: naming images that only one side has.
    """
    assigned = {name for fold in split.folds for name in fold.filenames}
    missing, extra = sorted(assigned - set(filenames)), sorted(set(filenames) - assigned)
    faults = [f"{listed(names)} {where}" for names, where in ((missing, "gone"), (extra, "in no fold")) if names]
    if faults:
        raise FoldSplitError(
            f"{path}: expected the split of the {len(filenames)} images of {', '.join(split.splits)}, got "
            f"{' and '.join(faults)}; split anew in another folder"
        )


def _read_fold(content: object) -> Fold:
    fold = _typed(content, dict, "a fold")
    groups = tuple(_texts(group, "a group") for group in _typed(fold["groups"], list, "groups"))
    statistics = FoldStatistics(**_typed(fold["statistics"], dict, "statistics"))
    if not all(is_number(value, 0, MAX_COUNT) for value in statistics):
        raise TypeError(f"expected numbers in statistics, got {statistics}")
    filenames = _texts(fold["filenames"], "filenames")
    if not all(map(is_path_below, filenames)):
        raise ValueError("a file name that leads outside the image folder")
    return Fold(filenames, groups, statistics)


def _typed(value: object, kind: type[T], name: str) -> T:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"expected {name} as {kind.__name__}, got {type(value).__name__}")
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    return tuple(_typed(text, str, name) for text in _typed(value, list, name))
