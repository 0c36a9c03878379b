"""The folder of a K-fold training: where things lie, its split, and the settings common to all of its folds."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock
from omegaconf import DictConfig, OmegaConf, open_dict

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.json_file import read_json_object
from ocr.annotations.fold_split import FoldSplit, FoldSplitError, check_fits, read_fold_split, write_fold_split
from ocr.annotations.labelled_images import LabelledImages, read_splits
from ocr.cross_validation import Grouping, fingerprint, split_folds
from runners.cli.settings import plain

NOT_TRAINING = ("kfold", "images", "recursive", "output", "overwrite", "ledger")
"""Settings of configs/kfold.yaml that a single training does not have."""

MAY_DIFFER = (
    "build",
    "callbacks",
    "datasets.allow_leak",
    "datasets.folds",
    "datasets.fold",
    "datasets.num_workers",
    "datasets.test",
    "datasets.unreadable",
    "experiment",
    "logger",
    "resume",
    "trainer.accelerator",
    "trainer.devices",
    "trainer.log_every_n_steps",
    "trainer.num_nodes",
    "trainer.profiler",
    "trainer.strategy",
)
"""Settings that change nothing about a fold's training, or belong to one fold only."""

log = logging.getLogger(__name__)


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


def open_run(config: DictConfig, folder: Path) -> FoldRun:
    """The split of a run, made or read again, and a check that its folds agree on their settings.

    Args:
        config: as of configs/kfold.yaml.
        folder: of the run.

    Raises:
        FoldSplitError: if the split there is of other settings, or does not fit the data.
        ValueError: if the folder holds folds that were trained with other settings, images cannot be assigned, or
            labels are of another size than their images.
    """
    folder.mkdir(parents=True, exist_ok=True)
    given = config.datasets.folds
    path = folder / "folds.json" if given is None else Path(given)
    root = Path(config.datasets.root)
    with FileLock(folder / ".run.lock"):  # folds that start side by side use one split
        if given is None and not path.is_file():
            read_splits(root, config.kfold.splits).check_sizes()
            write_fold_split(path, _split(config, root))
        split = read_fold_split(path)
        _check_split_settings(config, split, path)
        _check_settings(fold_settings(config), folder / "settings.json")
    images = read_splits(root, split.splits)
    check_fits(split, images.filenames, path)
    for name in split.splits:
        if split.fingerprints.get(name) != fingerprint(root, name):
            log.warning("%s: the labels of %s have changed since; its images keep their folds", path, name)
    return FoldRun(folder, path, split, images)


def fold_config(config: DictConfig, run: FoldRun, fold: int) -> DictConfig:
    """The settings of one fold, as runners/train.py would have them with `datasets.folds` and `datasets.fold`."""
    own = config.copy()
    with open_dict(own):
        for name in NOT_TRAINING:
            own.pop(name, None)
    own.datasets.folds, own.datasets.fold = str(run.split_path), fold
    return own


def fold_settings(config: DictConfig) -> dict[str, Any]:
    """What all folds of a run must have in common, by dotted keys."""
    settings = {name: value for name, value in plain(config, resolve=True).items() if name not in NOT_TRAINING}
    return dict(_leaves(settings))


def _split(config: DictConfig, root: Path) -> FoldSplit:
    kfold = config.kfold
    log.info("assigning the images of %s to %d folds", ", ".join(kfold.splits), kfold.n_splits)
    return split_folds(root, list(kfold.splits), kfold.n_splits, kfold.seed, _grouping(config))


def _grouping(config: DictConfig) -> Grouping:
    kfold = config.kfold
    return Grouping(kfold.hash_distance, kfold.text_similarity, kfold.group)


def _check_split_settings(config: DictConfig, split: FoldSplit, path: Path) -> None:
    """Refuses a split of other settings; of one that was given only the number of folds counts."""
    kfold = config.kfold
    expected: dict[str, Any] = {"n_splits": kfold.n_splits}
    found: dict[str, Any] = {"n_splits": len(split.folds)}
    if config.datasets.folds is None:
        grouping = _grouping(config)
        expected |= {"seed": kfold.seed, "splits": list(kfold.splits), **vars(grouping)}
        found |= {"seed": split.seed, "splits": list(split.splits), **split.grouping}
    others = [f"{name}={found.get(name)}" for name in expected if found.get(name) != expected[name]]
    if others:
        typed = ", ".join(f"{name}={value}" for name, value in expected.items() if found.get(name) != value)
        raise FoldSplitError(
            f"{path}: expected a split by {typed}, got {', '.join(others)}; choose another hydra.run.dir"
        )


def _check_settings(settings: Mapping[str, Any], path: Path) -> None:
    """Notes the settings of the first fold; refuses others for the next ones."""
    current = json.loads(json.dumps(settings))
    if not path.is_file():
        write_text_atomic(path, json.dumps(current, indent=2) + "\n")
        return
    earlier = read_json_object(path, "the settings of a K-fold training")
    differing = [key for key in current | earlier if key in current and key in earlier and current[key] != earlier[key]]
    if differing:
        listed = "; ".join(f"{key}={earlier[key]} there, {current[key]} here" for key in differing[:5])
        raise ValueError(
            f"{path.parent} holds folds of other settings ({listed}): type the same ones to go on, or choose another "
            "hydra.run.dir"
        )


def _leaves(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        key = f"{prefix}{name}"
        if key in MAY_DIFFER:
            continue
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{key}.")
        else:
            yield key, OmegaConf.to_container(value) if OmegaConf.is_config(value) else value
