"""Settings as the family of these experiments types them, turned into the one form that the code reads."""

from __future__ import annotations

from collections.abc import Sequence

from omegaconf import DictConfig, OmegaConf

from runners.cli.settings import plain


class UsageError(ValueError):
    """What is wrong with the command line, in words for the person who typed it."""


TRAINING = ("train", "kfold", "pretrain")
BATCH_SIZE = "trainer.batch_size"
TRAIN_BATCH_SIZE = "datasets.train.batch_size"
_FOLLOWS = f"${{{BATCH_SIZE}}}"
PACKAGES = {"preset/datasets": "datasets", "preset/models": "models"}
"""Parts of a preset that are typed, each with the group of settings that it fills."""


def complete_overrides(config_name: str, overrides: Sequence[str]) -> list[str]:
    """The command line as Hydra reads it.

    `preset/datasets=NAME` and `preset/models=NAME` get the package that a preset gives these parts
    (`preset/datasets@datasets=NAME`), and a typed `trainer.batch_size` wins over a file's `datasets.train.batch_size`.

    Args:
        config_name: name of the command's configuration.
        overrides: as typed, e.g. `["preset/datasets=db_1024", "trainer.batch_size=8"]`.

    Raises:
        UsageError: if an argument is no `key=value`, or both batch sizes are typed and differ.
    """
    for override in overrides:
        if override.find("=") < 1 and not override.startswith("~"):
            raise UsageError(f"expected key=value, got {override!r}")
    typed = dict(override.lstrip("+").partition("=")[::2] for override in overrides)
    own, general = typed.get(TRAIN_BATCH_SIZE), typed.get(BATCH_SIZE)
    if own is not None and general is not None and own not in (general, _FOLLOWS):
        raise UsageError(
            f"{TRAIN_BATCH_SIZE}={own} and {BATCH_SIZE}={general} both set the batch size of the training: give one"
        )
    completed = [_with_package(override) for override in overrides]
    if config_name in TRAINING and general is not None and own is None:
        completed.append(f"{TRAIN_BATCH_SIZE}={_FOLLOWS}")
    return completed


def settle(config: DictConfig) -> DictConfig:
    """The same settings in the form that the code reads; `config` stays as it is.

    Each `img_size` becomes one side, in pixels, and a `datasets.train.batch_size` becomes `trainer.batch_size`.

    Raises:
        ValueError: if an `img_size` has two different sides.
    """
    settings = plain(config)
    _settle_sizes(settings, "")
    train = settings.get("datasets", {}).get("train", {})
    if train.get("batch_size") not in (None, _FOLLOWS):
        settings["trainer"]["batch_size"] = train["batch_size"]
        train["batch_size"] = _FOLLOWS
    settled = DictConfig(OmegaConf.create(settings))
    OmegaConf.set_struct(settled, True)
    return settled


def _with_package(override: str) -> str:
    group, equals, name = override.partition("=")
    return f"{group}@{PACKAGES[group]}{equals}{name}" if group in PACKAGES else override


def _settle_sizes(node: object, where: str) -> None:
    """Every `img_size` at any depth, in place."""
    if isinstance(node, dict):
        for key, value in node.items():
            node[key] = settled_size(f"{where}{key}", value)
            if isinstance(node[key], dict | list):
                _settle_sizes(value, f"{where}{key}.")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            _settle_sizes(child, f"{where}{index}.")


def settled_size(key: str, value: object) -> object:
    """One side for the two of an `img_size`; any other setting as it is.

    Raises:
        ValueError: if an `img_size` has two different sides.
    """
    if key.rpartition(".")[2] != "img_size" or not isinstance(value, list):
        return value
    if len(value) != 2 or value[0] != value[1] or not isinstance(value[0], int):
        raise ValueError(
            f"{key}: expected one side in pixels (1024), or the same one twice ([1024,1024]), got {value}; the long "
            "side of an image becomes img_size (or the short one: datasets.test.resize=short_side), and "
            "datasets.padding=multiple pads no more than needed"
        )
    return value[0]
