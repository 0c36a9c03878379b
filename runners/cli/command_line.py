"""Check a runner's overrides before Hydra runs it, so that a typo is answered with what would have worked."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, QuotedString
from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from ocr.experiments.changes import leaves, typed_value
from ocr.starts import STARTS, StartError, onnx_path
from runners.cli.config_files import (
    REFERENCE,
    ConfigFile,
    known_keys,
    overruled_keys,
    read_by_parts,
    read_config_files,
    unread_keys,
)
from runners.cli.moved_settings import explain_moved
from runners.cli.quoting import quoted
from runners.cli.setting_types import Setting, find_fault, paths_to_read, read_settings
from runners.cli.settings import plain
from runners.cli.spellings import BATCH_SIZE, PACKAGES, TRAIN_BATCH_SIZE, UsageError, settle, settled_size

VERSION_BASE = "1.3"
PRESET_FOLDERS = {"pretrain": ("classify",), "experiments": ("", "classify")}
"""Where below configs/preset a command's presets lie, if not in that folder itself."""
RUNS = "outputs"
"""Where trainings lie unless something else is typed."""
RUN_FOLDERS = ("hydra.run.dir=", "hydra.sweep.dir=")
READ_NO_PRESET = ("experiments",)  # a preset is only a name there

_TRAINS = "trainer.max_epochs"  # of a command that has it, Lightning's Trainer reads all below `trainer`
_UNKNOWN_KEY = re.compile(r"Could not override '([^']+)'")


def check_overrides(
    config_dir: Path, config_name: str, overrides: Sequence[str], own_dir: Path | None = None
) -> list[DictConfig]:
    """Compose the configuration as Hydra will, and explain what stops it.

    Of a sweep (`key=1,2`), each choice of a config group is composed, and the first value of any other key.

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
            for variant in _variants(overrides):
                config = _check_variant(config_name, variant)
                _check_preset(config_dir, config_name, config)
                _check_files([config_dir, *filter(None, [own_dir])], config_name, variant)
                configs.append(_check_values(config, settings))
            _check_swept(overrides, settings)
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

    Args:
        config: of `check_overrides`.
        settings: of the command.

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

    Args:
        overrides: as typed.

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


def nearest_keys(key: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Known keys that `key` may have been meant for, the likeliest first.

    Keys that only lack their beginning (`optimizer.lr` for `models.optimizer.lr`) come first, then those that are
    spelt alike, then those whose last part is.

    Returns:
        At most `count` dotted keys; none where nothing is alike.
    """
    known = sorted(known)
    shortened = [candidate for candidate in known if candidate.endswith(f".{key}")]
    alike = difflib.get_close_matches(key, known, n=count, cutoff=0.75)
    last_parts = {candidate.rpartition(".")[2] for candidate in known}
    similar_parts = difflib.get_close_matches(key.rpartition(".")[2], last_parts, n=count, cutoff=0.75)
    same_end = [candidate for part in similar_parts for candidate in known if candidate.rpartition(".")[2] == part]
    return list(dict.fromkeys([*shortened, *alike, *same_end]))[:count]


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


def _variants(overrides: Sequence[str]) -> Iterator[list[str]]:
    """The overrides with the first choice of every sweep, then with each further choice of a config group."""
    loader = GlobalHydra.instance().config_loader()
    parsed = OverridesParser.create(config_loader=loader).parse_overrides(list(overrides))
    _check_names(parsed, loader)
    _check_intervals(parsed)
    choices = [_choices(override) for override in parsed]
    first = [options[0] for options in choices]
    yield first
    for position, override in enumerate(parsed):
        if loader.get_group_options(override.key_or_group):
            for option in choices[position][1:]:
                yield [*first[:position], option, *first[position + 1 :]]


def _check_names(overrides: Sequence[Override], loader: ConfigLoader) -> None:
    """Refuses numbers and nulls as names, which Hydra stumbles over.

    Raises:
        UsageError: naming the setting and what could be chosen.
    """
    for override in overrides:
        group = override.key_or_group
        options = loader.get_group_options(group)
        if not options or override.is_delete() or override.is_sweep_override():
            continue
        chosen = override.value()
        wrong = [name for name in (chosen if isinstance(chosen, list) else [chosen]) if not isinstance(name, str)]
        if wrong:
            hint = f"; none of them: {group}=[]" if wrong[0] is None and not group.startswith("preset") else ""
            raise UsageError(
                f"expected {group} to be one or a list of {', '.join(options)}, got {typed_value(wrong[0])} in "
                f"{override.input_line}{hint}"
            )


def _check_intervals(overrides: Sequence[Override]) -> None:
    """Refuses `interval(low, high)` where no sweeper was chosen: Hydra's own takes values one by one.

    Raises:
        UsageError: with such values.
    """
    for override in overrides:
        value = override.value()
        if isinstance(value, IntervalSweep) and all(one.key_or_group != "hydra/sweeper" for one in overrides):
            values = f"{override.get_key_element()}={value.start or 0:g},{value.end or 0:g}"
            raise UsageError(
                f"{override.input_line}: an interval needs a sweeper that draws from it (hydra/sweeper=…); "
                f"without one, type values: --multirun {values}"
            )


def _choices(override: Override) -> list[str]:
    value = override.value()
    if isinstance(value, IntervalSweep):
        return [f"{override.get_key_element()}={value.start or 0:g}"]
    if not override.is_discrete_sweep():
        return [str(override.input_line)]
    return [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]


def _check_variant(config_name: str, overrides: list[str]) -> DictConfig:
    """Take out one unknown key after the other until the rest composes; that rest knows all keys there are."""
    unknown: list[str] = []
    remaining = list(overrides)
    while True:
        try:
            config = compose(config_name, remaining, return_hydra_config=True)
            break
        except MissingConfigException:
            raise
        except ConfigCompositionException as error:
            key, remaining = _without_unknown_key(error, remaining)
            unknown.append(key)
    if unknown:
        known = {*map(str, config.hydra.runtime.choices), *dict(leaves(plain(config)))}
        raise UsageError("\n".join(_explain_unknown_key(key, known) for key in unknown))
    return config


def _check_preset(config_dir: Path, config_name: str, config: DictConfig) -> None:
    """Refuse a detector's preset for a classifier, and the other way round: its keys would mean nothing there."""
    preset = config.hydra.runtime.choices.get("preset")
    if preset is not None and preset.rpartition("/")[0] not in PRESET_FOLDERS.get(config_name, ("",)):
        raise UsageError(_no_preset(config_dir, config_name, preset))


def _check_files(folders: Sequence[Path], config_name: str, overrides: Sequence[str]) -> None:
    """Refuses keys in presets and their parts that nothing reads."""
    if config_name in READ_NO_PRESET:
        return
    files = read_config_files(folders, config_name, overrides)
    known = known_keys(files)
    faults = [f"{_shown(path, folders)}: {_explain_unknown_key(key, known)}" for path, key in unread_keys(files)]
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    faults += _explain_overruled(files, parsed, folders)
    added = [override.key_or_group for override in parsed if override.is_add() or override.is_force_add()]
    read = ("hydra.", "hydra/", *(["trainer."] if _TRAINS in known else []), *read_by_parts(files, added))
    groups = GlobalHydra.instance().config_loader().get_group_options
    faults += [
        _explain_unknown_key(key, known)
        for key in added
        if key not in known and not key.startswith(read) and not groups(key)
    ]
    if faults:
        raise UsageError("\n".join(faults))


def _explain_overruled(
    files: Sequence[ConfigFile], overrides: Sequence[Override], folders: Sequence[Path]
) -> Iterator[str]:
    """Where one file silently wins over another: a preset over a part that was typed, one batch size over the other."""
    typed = {override.key_or_group for override in overrides}
    chosen = {f"{one.key_or_group}/{one.value()}" for one in overrides if one.key_or_group in PACKAGES}
    for part, preset, key in overruled_keys(files, chosen):
        if key not in typed:
            yield (
                f"{part.choice} has {key}={typed_value(part.settings[key])}, but {_shown(preset.path, folders)} has "
                f"{key}={typed_value(preset.settings[key])}, which wins: type the one that is meant, {key}=…"
            )
    sizes = {
        key: (file.settings[key], _shown(file.path, folders))
        for file in files
        for key in (BATCH_SIZE, TRAIN_BATCH_SIZE)
        if not file.defines and isinstance(file.settings.get(key), int)
    }
    if len({size for size, _ in sizes.values()}) > 1 and typed.isdisjoint(sizes):
        both = " and ".join(f"{key}={size} in {path}" for key, (size, path) in sizes.items())
        yield f"{both} both set the batch size of the training: type the one that is meant, {BATCH_SIZE}=…"


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


def _check_swept(overrides: Sequence[str], settings: Mapping[str, Setting]) -> None:
    """Refuses values of a sweep (`key=1,2`) that are of another type."""
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        if override.is_discrete_sweep() and override.key_or_group in settings:
            key = override.key_or_group
            for value in override.sweep_iterator():
                plain_value = value.text if isinstance(value, QuotedString) else value
                fault = find_fault(key, settled_size(key, plain_value), settings[key])
                if fault is not None:
                    raise UsageError(fault)


def _shown(path: Path, folders: Sequence[Path]) -> str:
    """`configs/preset/mine.yaml`."""
    folder = next(folder for folder in folders if path.is_relative_to(folder))
    return f"{folder.name}/{path.relative_to(folder).as_posix()}"


def _no_preset(config_dir: Path, config_name: str, preset: str | None) -> str:
    menu = "\n".join(preset_menu(config_dir, folder) for folder in PRESET_FOLDERS.get(config_name, ("",)))
    fault = "preset has no value" if preset is None else f'no preset "{preset}"'
    return f"{fault}; the menu:\n{menu}"


def _without_unknown_key(error: ConfigCompositionException, overrides: list[str]) -> tuple[str, list[str]]:
    """The key that `error` is about, and the overrides without it.

    Raises:
        ConfigCompositionException: `error` itself, if it is not about an unknown key.
    """
    match = _UNKNOWN_KEY.match(str(error))
    parsed = OverridesParser.create().parse_overrides(overrides)
    rest = [str(override.input_line) for override in parsed if match and override.key_or_group != match.group(1)]
    if match is None or len(rest) == len(overrides):
        raise error
    return match.group(1), rest


def _explain_unknown_key(key: str, known: set[str]) -> str:
    moved = explain_moved(key)
    if moved:
        return moved
    below = sorted(name for name in known if name.startswith(f"{key}."))
    if below:
        return f"{key} is a group, expected settings below it: {', '.join(below[:3])}, …"
    nearest = nearest_keys(key, (name for name in known if _machinery(name) == _machinery(key)))
    hint = f"nearest: {', '.join(nearest)}" if nearest else "`--cfg job` lists the keys that there are"
    if key.startswith("trainer.") and _TRAINS in known and not nearest:
        hint = f"another argument of Lightning's Trainer is typed with a plus: +{key}=…"
    return f"unknown key {key}; {hint}"


def _machinery(key: str) -> str | None:
    """The part of the configuration that few people mean to type, if `key` lies in one: Hydra's or the builders'."""
    group = key.partition(".")[0]
    return group if group in {"hydra", "build"} else None


def _explain_missing_file(config_dir: Path, config_name: str, error: MissingConfigException) -> str:
    group, _, name = (error.missing_cfg_file or "").rpartition("/")
    if group == "preset" or group.removeprefix("preset/") in PRESET_FOLDERS.get(config_name, ()):
        return _no_preset(config_dir, config_name, f"{group}/{name}".removeprefix("preset/"))
    options = error.options or (group and GlobalHydra.instance().config_loader().get_group_options(group))
    if options:
        return f'no "{name}" in {group}; expected one of: {", ".join(options)}'
    return str(error).split("\nConfig search path", maxsplit=1)[0].strip()
