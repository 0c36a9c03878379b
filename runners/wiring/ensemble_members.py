"""What an ensemble is made of, as the user typed it."""

from __future__ import annotations

import filecmp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from baseline_code.files.shown_text import first_line
from ocr.ensemble.member_maps import Member
from ocr.inference.predictor import Predictor
from ocr.probability_maps import MapCache, Space
from ocr.probability_maps.cache_index import INDEX
from ocr.probability_maps.fusion import normalise_weights
from ocr.submission.prediction_folder import PREDICTIONS, SUBMISSION, file_of
from runners.cli.settings import Group, Settings, plain
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector, load_settings, load_settings_of_maps
from runners.wiring.parts import SIZE
from runners.wiring.typed import check_predicts

MEMBER_KEYS = ("path", *SIZE, "tta")
FILE_SUFFIXES = (".csv", ".json")


@dataclass(frozen=True)
class EnsembleSettings:
    """The settings of configs/ensemble.yaml, which says what each means."""

    checkpoint_path: str | None
    members: Sequence[Any]
    weights: Sequence[float] | str | None
    images: str | None
    recursive: bool
    annotations: str | None
    worst: int
    output: str | None
    overwrite: bool
    report: str | None
    ledger: str | None
    threads: int
    space: Space
    save_maps: str | None
    save_maps_bits: Literal[8, 16]
    allow_leak: bool
    search: Group
    vote: float | None
    iou_threshold: float
    overrides: Overrides

    @classmethod
    def of(cls, settings: Group) -> EnsembleSettings:
        """Those among the settings of the command; `ensemble=NAME` may bring more, which these refer to."""
        own = {field.name: settings[field.name] for field in fields(cls) if field.name != "overrides"}
        return cls(**own, overrides=Overrides.of(settings))


def read_members(settings: EnsembleSettings) -> list[Member]:
    """Finds out what each of `members` is.

    Args:
        settings: of the command. A member is a path, or a mapping of its `path` and, for checkpoints, settings of its
            own: those of its size and `tta`.

    Returns:
        One or more, all of them prediction files or none.

    Raises:
        ValueError: if there is none, a path leads nowhere, a setting is unknown or cannot have an effect, prediction
            files are mixed with models, or a member is there twice.
    """
    if settings.checkpoint_path is not None:
        raise ValueError(f"expected members=[…], got checkpoint_path={settings.checkpoint_path}")
    if not isinstance(settings.members, list) or not settings.members:
        raise ValueError(
            "expected members=[…]: checkpoints and folders of probability maps, or prediction files (JSON, CSV)"
        )
    members = [_read_member(entry, settings.overrides) for entry in settings.members]
    files = [member for member in members if member.is_predictions]
    if files and len(files) < len(members):
        other = next(member for member in members if not member.is_predictions)
        raise ValueError(
            f"expected members that are all models or all prediction files, got {other.path} beside {files[0].path}: "
            f"write the predictions of {other.path} first (runners/predict.py, or an ensemble of it alone), then vote "
            "on the files"
        )
    _check_distinct(settings.members, members)
    if all(member.load is None for member in members):
        check_predicts(settings.overrides, members[0].path)
    return members


def reading_settings(member: Member, overrides: Overrides) -> Settings:
    """The settings that an ensemble's maps are read with: those of its first member's checkpoint, where it is there."""
    if member.load is not None:
        return load_settings(member.path, overrides)
    if member.is_predictions:
        return load_settings(None, overrides)
    return load_settings_of_maps(MapCache(member.path), overrides)


def prediction_file(path: Path) -> Path:
    """The file itself, or of a folder that predict wrote its JSON, or else its CSV."""
    predictions = file_of(path, PREDICTIONS)
    return predictions if predictions.is_file() else file_of(path, SUBMISSION)


def given_weights(weights: object, members: int) -> tuple[float, ...] | None:
    """Weights of sum 1, or None where they are to be searched for.

    Raises:
        ValueError: if they are no list of numbers, one for each member.
    """
    if weights == "search":
        return None
    if weights is None:
        return normalise_weights(None, members)
    if not isinstance(weights, list):
        raise ValueError(f"expected weights to be a list, null (equal) or search, got {weights!r}")
    return normalise_weights([float(weight) for weight in weights], members)


def _read_member(entry: object, overrides: Overrides) -> Member:
    settings = dict(entry) if isinstance(entry, Mapping) else {"path": entry}
    unknown = [str(key) for key in settings if key not in MEMBER_KEYS]
    if unknown or settings.get("path") is None:
        raise ValueError(f"expected a member to be a path or to have {', '.join(MEMBER_KEYS)}, got {entry}")
    path = Path(str(settings.pop("path")))
    if not path.exists():
        raise ValueError(
            f"{path}: expected a checkpoint, a folder of probability maps or a prediction file, found none"
        )
    is_predictions = _is_predictions(path)
    if settings and (is_predictions or path.is_dir()):
        raise ValueError(
            f"{path}: expected {', '.join(settings)} for checkpoints only; this member is predicted already"
        )
    if is_predictions or path.is_dir():
        return Member(path, None, is_predictions)
    return Member(path, partial(_load, path, _with_own(overrides, settings, path)))


def _check_distinct(entries: Sequence[object], members: Sequence[Member]) -> None:
    """Refuses a member that is there twice; a checkpoint may be, where each has other settings of its own.

    Raises:
        ValueError: naming both.
    """
    own = [{**entry, "path": None} if isinstance(entry, Mapping) else {"path": None} for entry in entries]
    for (settings, member), (other_settings, other) in combinations(zip(own, members, strict=True), 2):
        if settings == other_settings and filecmp.cmp(_own_file(member), _own_file(other), shallow=False):
            raise ValueError(
                f"expected each member once, got {other.path} with the bytes of {member.path}, which would outvote the "
                "others; weights=[…] gives a member more say"
            )


def _own_file(member: Member) -> Path:
    """The file that makes a member what it is; the index of maps has the fingerprint of each."""
    if member.is_predictions:
        return prediction_file(member.path)
    return member.path / INDEX if member.path.is_dir() else member.path


def _is_predictions(path: Path) -> bool:
    if path.is_file():
        return path.suffix.lower() in FILE_SUFFIXES
    if (path / INDEX).is_file():
        return False
    if prediction_file(path).is_file():
        return True
    raise ValueError(f"{path}: expected a folder of probability maps ({INDEX}) or of predictions, got neither")


def _with_own(overrides: Overrides, settings: Mapping[str, Any], path: Path) -> Overrides:
    """What a member's map is predicted with; how maps are read is no matter of a member."""
    own: dict[str, Any] = {"tta": settings["tta"]} if "tta" in settings else {}
    own["datasets"] = {"test": {name: settings[name] for name in SIZE if name in settings}}
    common = DictConfig(vars(replace(overrides, models={**overrides.models, "head": {}})))
    OmegaConf.set_struct(common, True)
    try:
        return Overrides.of(plain(DictConfig(OmegaConf.merge(common, own))))
    except OmegaConfBaseException as error:
        raise ValueError(f"{path}: its own settings do not fit: {first_line(error)}") from error


def _load(path: Path, overrides: Overrides) -> Predictor:
    return load_detector(path, overrides).detector
