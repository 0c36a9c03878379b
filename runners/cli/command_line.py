"""Check a runner's overrides before Hydra runs it, so that a typo is answered with what would have worked."""

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from ocr.experiments.changes import leaves, typed_value
from ocr.starts import STARTS, StartError, onnx_path
from runners.cli.config_files import REFERENCE, check_files
from runners.cli.quoting import quoted
from runners.cli.setting_types import Setting, find_fault, paths_to_read, read_settings
from runners.cli.settings import plain
from runners.cli.spellings import UsageError, settle
from runners.cli.sweeps import check_swept, variants
from runners.cli.unknown_keys import explain_unknown_key, without_unknown_key

VERSION_BASE = "1.3"
PRESET_FOLDERS = {"pretrain": ("classify",), "experiments": ("", "classify")}
"""Where below configs/preset a command's presets lie, if not in that folder itself."""
RUNS = "outputs"
"""Where trainings lie unless something else is typed."""
RUN_FOLDERS = ("hydra.run.dir=", "hydra.sweep.dir=")


def check_overrides(
    config_dir: Path, config_name: str, overrides: Sequence[str], own_dir: Path | None = None
) -> list[DictConfig]:
    """Compose the configuration as Hydra will, and explain what stops it.

    Of a sweep (`key=1,2`), each choice of a config group or of a path to read is composed, and the first value of any
    other key.

    Args:
        config_dir: folder of the configuration files.
        config_name: name of the primary configuration, without `.yaml`.
        overrides: arguments as typed, e.g. `["preset=quickstart", "models.optimizer.lr=0.001"]`.
        own_dir: a second folder, with presets of people's own.

    Returns:
        What was composed, settled.

    Raises:
        UsageError: for unknown keys, typed or in a file (all of them, each with the nearest that exist), for a preset
            that does not exist (with the menu), for values of another type or out of their range (all of them), and
            with Hydra's own words for anything else that it cannot compose.
    """
    if any(override.lstrip("+").startswith("hydra.searchpath=") for override in overrides):
        raise UsageError("hydra.searchpath: presets of your own are taken from another folder by --config-dir=FOLDER")
    settings = read_settings(config_dir, config_name)
    configs = []
    if own_dir is not None:
        overrides = [*overrides, f"hydra.searchpath=[{quoted(f'file://{own_dir}')}]"]
    with initialize_config_dir(str(config_dir.resolve()), version_base=VERSION_BASE):
        try:
            _check_deleted(overrides, settings)
            for variant in variants(overrides, settings):
                config = _check_variant(config_name, variant)
                _check_preset(config_dir, config_name, config)
                check_files([config_dir, *filter(None, [own_dir])], config_name, variant)
                configs.append(_check_values(config, settings))
            check_swept(overrides, settings)
        except MissingConfigException as error:
            raise UsageError(_explain_missing_file(config_dir, config_name, error)) from error
        except YAMLError as error:
            raise UsageError(f"expected YAML in every configuration file, got: {error}") from error
        except UsageError:
            raise
        except (HydraException, OmegaConfBaseException, ValueError) as error:
            if str(error).startswith("You must specify 'preset'"):
                raise UsageError(_no_preset(config_dir, config_name, None)) from error
            raise UsageError(str(error).strip()) from error
    return configs


def check_inputs(config: DictConfig, settings: Mapping[str, Setting]) -> None:
    """Refuses settings without a value, paths to read from at which nothing is, and detectors of absent packages.

    Raises:
        UsageError: naming all of them.
    """
    missing = [f"{key} has no value; give {key}=…" for key in sorted(OmegaConf.missing_keys(config))]
    if missing:
        raise UsageError("\n".join(missing))
    values = dict(leaves(plain(config, resolve=True)))
    faults = []
    for key, setting in settings.items():
        value = values.get(key)
        kinds = setting.type.split(" | ")
        for path in paths_to_read(value, setting.type):
            if not Path(path).exists():
                faults.append(f"{key}: expected a file or folder, found none at {path}{_near(path, kinds)}")
        if isinstance(value, str) and value in STARTS and value in kinds:
            try:
                onnx_path(value)
            except StartError as error:
                faults.append(f"{key}={value}: {error}")
    if faults:
        raise UsageError("\n".join(faults))


def _near(value: str, words: Sequence[str]) -> str:
    """The most similar word that is allowed, or name in the same folder, or the last folder above that is there."""
    path, likely = Path(value), difflib.get_close_matches(value, words, n=1)
    if likely:
        return f"; did you mean {likely[0]}?"
    if path.parent.is_dir():
        near = difflib.get_close_matches(path.name, [other.name for other in path.parent.iterdir()], n=1)
        return f"; near: {path.with_name(near[0])}" if near else ""
    there = next((parent for parent in path.parents if parent.is_dir()), None)
    return "" if there is None else f"; of its folders {there} is there"


def check_run_folder(overrides: Sequence[str]) -> None:
    """Makes sure that the folder of a training can be made, which Hydra does before the training's own code runs.

    Raises:
        UsageError: naming the folder that is in the way, and the setting.
    """
    typed = [override.partition("=")[::2] for override in overrides if override.startswith(RUN_FOLDERS)]
    for key, text in typed or [("hydra.run.dir", RUNS)]:
        folder = Path(text.strip("'\"").partition("${")[0] or ".").absolute()
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            fault = "a folder that may not be written to" if there.is_dir() else "a file"
            raise UsageError(
                f"{there}: expected a folder for the training, got {fault}; choose another by {key}=FOLDER"
            )


def preset_menu(config_dir: Path, folder: str = "", group: str = "preset") -> str:
    """One line for each `<group>/<folder>/*.yaml`: its name, then the first comment that says something."""
    files = sorted((config_dir / group / folder).glob("*.yaml"))
    names = [f"{folder}/{file.stem}".lstrip("/") for file in files]
    width = max(map(len, names), default=0)
    rows = zip(names, files, strict=True)
    return "\n".join(f"  {name:<{width}}  {next(iter(opening_comments(file)), '')}".rstrip() for name, file in rows)


def opening_comments(file: Path) -> list[str]:
    """The comments that a file begins with, without its package."""
    lines = takewhile(lambda line: line.startswith("#"), file.read_text(encoding="utf-8").splitlines())
    comments = [line.removeprefix("#").strip() for line in lines]
    return [comment for comment in comments if comment and not comment.startswith("@package")]


def _check_variant(config_name: str, overrides: list[str]) -> DictConfig:
    """Take out one unknown key after the other until the rest composes; that rest knows all keys there are."""
    unknown: list[str] = []
    remaining = list(overrides)
    while True:
        try:
            config = compose(config_name, remaining, return_hydra_config=True)
            break
        except ConfigCompositionException as error:
            key, remaining = without_unknown_key(error, remaining)
            unknown.append(key)
    if unknown:
        known = {*map(str, config.hydra.runtime.choices), *dict(leaves(plain(config)))}
        raise UsageError("\n".join(explain_unknown_key(key, known) for key in unknown))
    return config


def _check_preset(config_dir: Path, config_name: str, config: DictConfig) -> None:
    """Refuse a detector's preset for a classifier, and the other way round: its keys would mean nothing there."""
    preset = config.hydra.runtime.choices.get("preset")
    if preset is not None and preset.rpartition("/")[0] not in PRESET_FOLDERS.get(config_name, ("",)):
        raise UsageError(_no_preset(config_dir, config_name, preset))


def _check_values(config: DictConfig, settings: Mapping[str, Setting]) -> DictConfig:
    """The settled configuration, if every setting is of its type.

    Raises:
        UsageError: for all that are not, or were taken out (`~key`).
    """
    with open_dict(config):
        config.pop("hydra")
    settled = settle(config)
    written = dict(leaves(plain(settled)))
    _refuse_faults(_explain_absent(key, written, settings) for key in settings if key not in written)
    if OmegaConf.missing_keys(settled):  # of a command that is only shown; `check_inputs` refuses them
        return settled
    values = dict(leaves(plain(settled, resolve=True)))
    faults: list[str | None] = []
    for key, setting in settings.items():
        if key not in values:
            faults.append(_explain_absent(key, values, settings))
        elif not REFERENCE.fullmatch(str(written.get(key))):  # else the setting that it refers to is checked
            faults.append(find_fault(key, values[key], setting))
    _refuse_faults(faults)
    return settled


def _refuse_faults(faults: Iterable[str | None]) -> None:
    """Raises UsageError for the faults that there are, each once."""
    found = dict.fromkeys(fault for fault in faults if fault)
    if found:
        raise UsageError("\n".join(found))


def _explain_absent(key: str, values: Mapping[str, object], settings: Iterable[str]) -> str | None:
    """Why a setting is not there: it, or its group, was taken out or replaced; None where its group refers to one."""
    parts = key.split(".")
    above = next((group for group in (".".join(parts[:n]) for n in range(1, len(parts))) if group in values), None)
    if above is None:
        return f"{key}: a setting cannot be taken out"
    if REFERENCE.fullmatch(str(values[above])):
        return None
    below = [name for name in settings if name.startswith(f"{above}.")]
    return (
        f"{above} is a group, expected settings below it ({', '.join(below[:3])}, …), got {typed_value(values[above])}"
    )


def _check_deleted(overrides: Sequence[str], settings: Iterable[str]) -> None:
    """Refuses settings and groups that are taken out (`~key`); Hydra says of one without a value that there is none.

    Raises:
        UsageError: naming it.
    """
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key = override.key_or_group
        if override.is_delete() and any(name == key or name.startswith(f"{key}.") for name in settings):
            raise UsageError(f"{key}: a setting cannot be taken out; give it another value: --help says which")


def _no_preset(config_dir: Path, config_name: str, preset: str | None) -> str:
    menu = "\n".join(preset_menu(config_dir, folder) for folder in PRESET_FOLDERS.get(config_name, ("",)))
    fault = "preset has no value" if preset is None else f'no preset "{preset}"'
    return f"{fault}; the menu:\n{menu}"


def _explain_missing_file(config_dir: Path, config_name: str, error: MissingConfigException) -> str:
    group, _, name = (error.missing_cfg_file or "").rpartition("/")
    if group == "preset" or group.removeprefix("preset/") in PRESET_FOLDERS.get(config_name, ()):
        return _no_preset(config_dir, config_name, f"{group}/{name}".removeprefix("preset/"))
    options = error.options or (group and GlobalHydra.instance().config_loader().get_group_options(group))
    if options:
        return f'no "{name}" in {group}; expected one of: {", ".join(options)}'
    return str(error).split("\nConfig search path", maxsplit=1)[0].strip()
