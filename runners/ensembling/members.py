"""What an ensemble is made of, as the user typed it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ocr.probability_maps.cache_index import INDEX
from ocr.submission.prediction_folder import PREDICTIONS, SUBMISSION

MEMBER_KEYS = ("path", "img_size", "tta")
FILE_SUFFIXES = (".csv", ".json")


class Member(NamedTuple):
    """One model, or what is left of it."""

    path: Path
    kind: Literal["checkpoint", "maps", "predictions"]
    overrides: DictConfig  # the command's settings, with the member's own in their place


def read_members(config: DictConfig) -> list[Member]:
    """Find out what each of `members` is.

    Args:
        config: the command's settings. A member is a path, or a mapping of its `path` and, for checkpoints, settings of
            its own: `img_size` and `tta`.

    Returns:
        One or more, all of them prediction files or none.

    Raises:
        ValueError: if there is none, a path leads nowhere, a setting is unknown or cannot have an effect, or prediction
            files are mixed with models.
    """
    if config.checkpoint_path is not None:
        raise ValueError(f"expected members=[…], got checkpoint_path={config.checkpoint_path}")
    if OmegaConf.is_missing(config, "members") or not OmegaConf.is_list(config.members) or not config.members:
        raise ValueError(
            "expected members=[…]: checkpoints and folders of probability maps, or prediction files (JSON, CSV)"
        )
    members = [_read_member(entry, config) for entry in _resolved(config.members)]
    files = [member for member in members if member.kind == "predictions"]
    if files and len(files) < len(members):
        other = next(member for member in members if member.kind != "predictions")
        raise ValueError(
            f"expected members that are all models or all prediction files, got {other.path} beside {files[0].path}: "
            f"write the predictions of {other.path} first (runners/predict.py, or an ensemble of it alone), then vote "
            "on the files"
        )
    return members


def prediction_file(path: Path) -> Path:
    """The file itself, or of a folder that predict wrote its JSON, or else its CSV."""
    if not path.is_dir():
        return path
    return path / PREDICTIONS if (path / PREDICTIONS).is_file() else path / SUBMISSION


def _resolved(members: ListConfig) -> list[Any]:
    """The members as plain values, with what they refer to."""
    try:
        return cast(list[Any], OmegaConf.to_container(members, resolve=True))
    except OmegaConfBaseException as error:
        raise ValueError(f"members: {str(error).splitlines()[0]}") from error


def _read_member(entry: object, config: DictConfig) -> Member:
    settings = dict(entry) if isinstance(entry, Mapping) else {"path": entry}
    unknown = [str(key) for key in settings if key not in MEMBER_KEYS]
    if unknown or settings.get("path") is None:
        raise ValueError(f"expected a member to be a path or to have {', '.join(MEMBER_KEYS)}, got {entry}")
    path = Path(str(settings.pop("path")))
    kind = _kind(path)
    if settings and kind != "checkpoint":
        raise ValueError(
            f"{path}: expected {', '.join(settings)} for checkpoints only; this member is predicted already"
        )
    return Member(path, kind, _with_own(config, settings, path))


def _kind(path: Path) -> Literal["checkpoint", "maps", "predictions"]:
    if path.is_dir():
        if (path / INDEX).is_file():
            return "maps"
        if prediction_file(path).is_file():
            return "predictions"
        raise ValueError(f"{path}: expected a folder of probability maps ({INDEX}) or of predictions, got neither")
    if not path.is_file():
        raise ValueError(
            f"{path}: expected a checkpoint, a folder of probability maps or a prediction file, found none"
        )
    return "predictions" if path.suffix.lower() in FILE_SUFFIXES else "checkpoint"


def _with_own(config: DictConfig, settings: Mapping[str, Any], path: Path) -> DictConfig:
    own: dict[str, Any] = {"tta": settings["tta"]} if "tta" in settings else {}
    if "img_size" in settings:
        own["datasets"] = {"test": {"img_size": settings["img_size"]}}
    try:
        return DictConfig(OmegaConf.merge(config, own))
    except OmegaConfBaseException as error:
        raise ValueError(f"{path}: its own settings do not fit: {str(error).splitlines()[0]}") from error
