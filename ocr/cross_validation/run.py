"""The folder of a K-fold training: where things are, its split, and the settings that all of its folds have."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock

from baseline_code.files.json_file import is_number, read_json_object, write_json
from baseline_code.files.shown_text import listed
from ocr.annotations.fold_split import FoldSplit, FoldSplitError, check_fits, read_fold_split, write_fold_split
from ocr.annotations.labelled_images import LabelledImages, read_splits
from ocr.cross_validation.splitting import Grouping, fingerprint, split_folds

MARKER = "finished.json"
ASSIGNMENT = "assignment"
"""In the settings of a run: fingerprint of which image is in which fold."""

log = logging.getLogger(__name__)


class FinishedFold(NamedTuple):
    """A fold whose training has ended."""

    checkpoint: Path
    score: float | None  # the best monitored one
    epochs: int


class FoldRun(NamedTuple):
    """A K-fold training that may go on."""

    folder: Path
    split_path: Path
    split: FoldSplit
    images: LabelledImages  # of all folds

    @property
    def n_splits(self) -> int:
        """Number of folds."""
        return len(self.split.folds)

    def fold_folder(self, fold: int) -> Path:
        """Where a fold is trained."""
        return self.folder / f"fold_{fold}"

    @property
    def oof_folder(self) -> Path:
        """Out-of-fold maps, predictions and scores."""
        return self.folder / "oof"

    def held_out(self, fold: int) -> LabelledImages:
        """The images that a fold's detector has not seen."""
        own = set(self.split.folds[fold].filenames)
        return self.images.where([name in own for name in self.images.filenames])

    def mark_finished(self, fold: int, *, score: float | None, epochs: int) -> None:
        """Notes that a fold's training has ended."""
        content = {"score": score, "epochs": epochs, "checkpoint": "checkpoints/best.ckpt"}
        write_json(self.fold_folder(fold) / MARKER, content)


def read_finished(folder: Path) -> FinishedFold | None:
    """What the training of a fold left in its folder, or None while it has not ended.

    Raises:
        ValueError: if its checkpoint is gone, or the note of its end is damaged.
    """
    marker, checkpoint = folder / MARKER, folder / "checkpoints" / "best.ckpt"
    if not marker.is_file():
        return None
    content = read_json_object(marker, "the note of a trained fold", hint=f"delete {folder} to train it anew")
    score, epochs = content.get("score"), content.get("epochs")
    if not ("score" in content and (score is None or is_number(score)) and type(epochs) is int and epochs >= 0):
        got = f"{', '.join(content) or 'nothing'} with score {score!r} and epochs {epochs!r}"
        raise ValueError(f"{marker}: expected a score and epochs, got {got}; delete {folder}")
    if not checkpoint.is_file():
        raise ValueError(f"{marker} says that this fold is trained, but {checkpoint} is gone: delete {folder} as well")
    return FinishedFold(checkpoint, score, epochs)


def open_run(
    folder: Path,
    root: Path,
    *,
    n_splits: int,
    splits: Sequence[str],
    seed: int,
    grouping: Grouping,
    settings: Mapping[str, Any],
    split_path: Path | None = None,
) -> FoldRun:
    """The split of a run, made or read again, and a check that its folds agree on their settings.

    Args:
        folder: of the run.
        root: folder of the data.
        n_splits: number of folds.
        splits: splits of the data whose images are assigned to folds.
        seed: of the assignment.
        grouping: which images stay together.
        settings: what all folds must have in common, plain values by dotted keys.
        split_path: a split file to be used; None: the run's own.

    Raises:
        FoldSplitError: if the split there is of other settings, does not fit the data, or is not the one that the run
            was begun with.
        ValueError: if the folder holds folds that were trained with other settings, images cannot be assigned, or
            labels are of another size than their images.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = split_path or folder / "folds.json"
    expected: dict[str, Any] = {"n_splits": n_splits}
    if split_path is None:  # of one that was given only the number of folds counts
        expected |= {"seed": seed, "splits": list(splits), **vars(grouping)}
    with FileLock(folder / ".run.lock"):  # folds that start side by side use one split
        is_new = split_path is None and not path.is_file()
        if is_new:
            read_splits(root, splits).check_sizes()
            log.info("assigning the images of %s to %d folds", ", ".join(splits), n_splits)
        split = split_folds(root, list(splits), n_splits, seed, grouping) if is_new else read_fold_split(path)
        hint = "choose another hydra.run.dir" if split_path is None else f"type kfold.n_splits={len(split.folds)}"
        _check_split(split, expected, path, hint)
        current = json.loads(json.dumps({**settings, ASSIGNMENT: _fingerprint(split)}))
        noted = folder / "settings.json"
        if noted.is_file():
            _check_settings(current, noted, path)
        if is_new:
            write_fold_split(path, split)
        images = read_splits(root, split.splits)
        check_fits(split, images.filenames, path)
        if not noted.is_file():
            write_json(noted, current)
    for name in split.splits:
        if split.fingerprints.get(name) != fingerprint(root, name):
            log.warning("%s: the labels of %s have changed since; its images keep their folds", path, name)
    return FoldRun(folder, path, split, images)


def _check_split(split: FoldSplit, expected: Mapping[str, Any], path: Path, hint: str) -> None:
    found: dict[str, Any] = {
        "n_splits": len(split.folds),
        "seed": split.seed,
        "splits": list(split.splits),
        **split.grouping,
    }
    others = [f"{name}={found.get(name)}" for name in expected if found.get(name) != expected[name]]
    if others:
        typed = ", ".join(f"{name}={value}" for name, value in expected.items() if found.get(name) != value)
        raise FoldSplitError(f"{path}: expected a split by {typed}, got {', '.join(others)}; {hint}")


def _check_settings(current: Mapping[str, Any], noted: Path, split_path: Path) -> None:
    """Refuses other settings, or another split, than those that the run was begun with."""
    folder, earlier = noted.parent, read_json_object(noted, "the settings of a K-fold training")
    differing = [key for key in current if key in earlier and current[key] != earlier[key]]
    if differing == [ASSIGNMENT]:
        raise FoldSplitError(
            f"{split_path}: expected the split that {folder} was begun with, got another, by which its folds would be "
            "scored on images that they were trained on: type the same datasets.folds, or choose another hydra.run.dir"
        )
    if differing:
        others = listed(
            (f"{key}={earlier[key]} there, {current[key]} here" for key in differing if key != ASSIGNMENT), between="; "
        )
        ways = "type the same ones to go on, or choose another hydra.run.dir"
        if not any(folder.glob("fold_*/checkpoints/*.ckpt")):
            ways += f"; no fold has a checkpoint yet: if none is being trained, delete {noted} to begin with these here"
        raise ValueError(f"{folder} holds folds of other settings ({others}): {ways}")


def _fingerprint(split: FoldSplit) -> str:
    return hashlib.sha256(json.dumps([fold.filenames for fold in split.folds]).encode()).hexdigest()
