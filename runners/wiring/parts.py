"""From a group of settings to the part that its `_target_` names: a setting stands in its group and in a signature."""

from __future__ import annotations

import inspect
from functools import cache, partial
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.utils import get_object, instantiate
from omegaconf import DictConfig

from ocr.models import TextDetector
from ocr.postprocess import DBPostProcess
from ocr.transforms.geometric import Letterbox
from runners.cli.command_line import VERSION_BASE
from runners.cli.entry import CONFIG_DIR
from runners.cli.settings import Group, Settings

PARTS = ("encoder", "decoder", "head")
SIZE = ("img_size", "resize", "max_side")
"""Settings of a split of the data that say how large its images are seen."""


@cache
def compose_defaults(name: str) -> DictConfig:
    """Every setting with its default: `base` of a detector, `classification` of a classifier. Not to be changed."""
    running = GlobalHydra.instance().hydra  # of the command, which may have another folder of settings
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(CONFIG_DIR), version_base=VERSION_BASE):
            return compose(name)
    finally:
        if running is not None:
            GlobalHydra.instance().clear()
            GlobalHydra.instance().initialize(running)


def build_part(target: Group, *groups: Group, **more: object) -> Any:  # noqa: ANN401
    """Calls what `target` names with those settings of the groups that its signature has.

    Args:
        target: a node with `_target_`; arguments that stand beside it win over the settings.
        groups: settings by the names of arguments; a group within a group is not passed.
        more: arguments that are no settings of the groups; they win over both.

    Returns:
        The part, or with `_partial_` the callable that still wants the rest.
    """
    names = inspect.signature(get_object(target["_target_"])).parameters
    settings = {
        name: value
        for group in groups
        for name, value in group.items()
        if name in names and name not in target and not isinstance(value, dict)
    }
    beside = {name: value for name, value in target.items() if name not in more}
    part = partial(instantiate({**beside, "_partial_": True}, _convert_="all"), **{**settings, **more})
    return part if target.get("_partial_") else part()


def build_network(settings: Settings, **more: object) -> TextDetector:
    """The network of these settings.

    Args:
        settings: of a detector.
        **more: arguments of the encoder that win over them.
    """
    build, models = settings.build["detector"], settings.models
    parts = {name: build_part(build[name], models[name], **(more if name == "encoder" else {})) for name in PARTS}
    detector: TextDetector = build_part(build, **parts)
    return detector


def build_letterbox(settings: Settings, split: str) -> Letterbox:
    """How the images of a split, `val` or `test`, are laid into the network's input."""
    datasets = settings.datasets
    letterbox: Letterbox = build_part(settings.build["letterbox"], datasets[split], padding=datasets["padding"])
    return letterbox


def build_postprocess(settings: Settings) -> DBPostProcess:
    """The post-processing of these settings."""
    postprocess: DBPostProcess = build_part(settings.build["postprocess"], settings.models["head"])
    return postprocess
