"""Check the configuration files that a command composes, so that no key in them is silently read by nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from omegaconf import OmegaConf

from ocr.experiments.changes import leaves
from runners.cli.settings import REBUILT

REFERENCE = re.compile(r"\$\{([\w.@-]+)\}")


class ConfigFile(NamedTuple):
    """One file of a composition."""

    path: Path
    choice: str  # `preset/datasets/db_1024`
    settings: dict[str, Any]  # dotted keys in the composed configuration -> values; a list is one value
    defines: bool  # it says which keys there are; all other files choose values for them


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
