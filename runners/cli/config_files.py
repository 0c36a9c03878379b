"""Check the configuration files that a command composes, so that no key in them is silently read by nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import OmegaConf

from ocr.experiments.changes import leaves, typed_value
from runners.cli.settings import REBUILT
from runners.cli.spellings import BATCH_SIZE, PACKAGES, TRAIN_BATCH_SIZE, UsageError
from runners.cli.unknown_keys import TRAINS, explain_unknown_key

READ_NO_PRESET = ("experiments",)  # a preset is only a name there
REFERENCE = re.compile(r"\$\{([\w.@-]+)\}")


class ConfigFile(NamedTuple):
    """One file of a composition."""

    path: Path
    choice: str  # `preset/datasets/db_1024`
    settings: dict[str, Any]  # dotted keys in the composed configuration -> values; a list is one value
    defines: bool  # it says which keys there are; all other files choose values for them


def check_files(folders: Sequence[Path], config_name: str, overrides: Sequence[str]) -> None:
    """Refuses keys in presets and their parts that nothing reads, and values that another file silently wins over.

    The arguments are those of `read_config_files`.

    Raises:
        UsageError: naming all of them.
    """
    if config_name in READ_NO_PRESET:
        return
    files = read_config_files(folders, config_name, overrides)
    known = known_keys(files)
    faults = [f"{_shown(path, folders)}: {explain_unknown_key(key, known)}" for path, key in unread_keys(files)]
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    faults += _explain_overruled(files, parsed, folders)
    added = [override.key_or_group for override in parsed if override.is_add() or override.is_force_add()]
    read = ("hydra.", "hydra/", *(["trainer."] if TRAINS in known else []), *read_by_parts(files, added))
    groups = GlobalHydra.instance().config_loader().get_group_options
    faults += [
        explain_unknown_key(key, known)
        for key in added
        if key not in known and not key.startswith(read) and not groups(key)
    ]
    if faults:
        raise UsageError("\n".join(faults))


def read_config_files(folders: Sequence[Path], config_name: str, overrides: Sequence[str]) -> list[ConfigFile]:
    """The project's files of a composition, without Hydra's own.

    The primary configuration and those that it includes by name alone (`base`) define keys; files of config groups,
    which lie in folders (presets, their parts, variants), choose values.

    Args:
        folders: of configuration files, the first one first where two have a file; Hydra is initialised with them.
        config_name: name of the primary configuration, without `.yaml`.
        overrides: the command line, without sweeps.
    """
    defaults = GlobalHydra.instance().config_loader().compute_defaults_list(config_name, list(overrides), RunMode.RUN)
    files: dict[Path, ConfigFile] = {}
    for default in defaults.defaults:
        paths = (folder / f"{default.config_path}.yaml" for folder in folders)
        path = next((path for path in paths if path.is_file()), None)
        if default.config_path is None or path is None:
            continue
        content = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
        if isinstance(content, dict):
            content.pop("defaults", None)
            prefix = "" if default.package in (None, "", "_global_") else f"{default.package}."
            defines = default.primary or "/" not in default.config_path
            files[path] = ConfigFile(path, default.config_path, dict(leaves(content, prefix)), defines)
    return list(files.values())


def unread_keys(files: Sequence[ConfigFile]) -> Iterator[tuple[Path, str]]:
    """File and dotted key of each setting in a file of a config group that nothing reads.

    A key is read where a file that defines keys has it, where another setting refers to it (`${hybrid.hrnet}`), or
    where it is an argument of a part that is built (it lies beside or below a `_target_`), which checks it itself.
    Hydra checks its own.
    """
    known = known_keys(files) | {"hydra"}
    targets = read_by_parts(files)
    for file in files:
        for key in file.settings:
            if key not in known and not key.startswith(("hydra.", *targets)):
                yield file.path, key


def overruled_keys(
    files: Sequence[ConfigFile], chosen: Collection[str]
) -> Iterator[tuple[ConfigFile, ConfigFile, str]]:
    """A typed part, the preset that has another value for one of its keys and so wins, and that key.

    Args:
        files: of a composition.
        chosen: the parts that were typed, such as `preset/datasets/db_1024`.
    """
    for number, part in enumerate(files):
        later = files[number + 1 :] if part.choice in chosen else ()
        for preset in (file for file in later if file.choice.startswith("preset/")):
            for key, value in part.settings.items():
                if preset.settings.get(key, value) != value:
                    yield part, preset, key


def read_by_parts(files: Sequence[ConfigFile], added: Sequence[str] = ()) -> tuple[str, ...]:
    """Beginnings of the keys that are arguments of a part that is built; other groups than `REBUILT` build none.

    Args:
        files: of a composition.
        added: keys that were typed besides.
    """
    keys = [*added, *(key for file in files for key in file.settings)]
    targets = (key for key in keys if key.endswith("._target_") and key.partition(".")[0] in REBUILT)
    return tuple({key.removesuffix("_target_") for key in targets})


def known_keys(files: Sequence[ConfigFile]) -> set[str]:
    """Dotted keys that are defined, or that a setting refers to."""
    referred = {name for file in files for value in file.settings.values() for name in REFERENCE.findall(str(value))}
    return referred.union(*(file.settings for file in files if file.defines))


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


def _shown(path: Path, folders: Sequence[Path]) -> str:
    """`configs/preset/mine.yaml`."""
    folder = next(folder for folder in folders if path.is_relative_to(folder))
    return f"{folder.name}/{path.relative_to(folder).as_posix()}"
