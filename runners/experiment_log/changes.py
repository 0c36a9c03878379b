"""What a run changes against its baseline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from hydra import compose
from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf, open_dict

from runners.cli.settings import plain
from runners.cli.spellings import settle

BOOKKEEPING = (
    "resume",
    "logger",
    "callbacks",
    "experiment",
    "seed",
    "datasets.num_workers",
    "datasets.download",
    "datasets.unreadable",
    "trainer.accelerator",
    "trainer.log_every_n_steps",
)
"""Settings that are no experiment; the seed has a column of its own."""

PLACES = ("datasets.root", "datasets.csv", "datasets.images", "datasets.npz", "datasets.folds", "datasets.fold")
"""Where data lies on this machine, and which fold of it: told among the changes, but not counted."""

VARIANT = "variant"
"""The group of changes to a classifier's preset. A run may have several: `variant=[augmented,cosine]`."""


@dataclass(frozen=True)
class Changes:
    """The settings that differ from the baseline's, by their dotted keys."""

    baseline: str  # a preset, or the folder of a run
    settings: dict[str, Any]
    variants: frozenset[str] = frozenset()  # which one of the two has and the other lacks

    @property
    def count(self) -> int:
        """How many there are, without places; of several variants each counts."""
        return sum(key not in (*PLACES, VARIANT) for key in self.settings) + len(self.variants)

    def __str__(self) -> str:
        """`key=value; key=value`, parts of a preset as they are typed: `preset/models=hrnet_w44_fpn`."""
        return "; ".join(f"{key.partition('@')[0]}={_written(value)}" for key, value in self.settings.items())


def find_changes(config: DictConfig, baseline: str | None) -> Changes:
    """The differences to a run, or to the preset's own configuration.

    References between settings are compared as they are written, so that one key which many follow is one change. So
    is the choice of a part of the preset (`preset/models=…`) or of a variant, whatever it sets. The order of
    several variants matters as far as they set the same keys.

    Args:
        config: the run's settings; Hydra knows its preset and its parts.
        baseline: folder of a run, or None for the preset as it stands.

    Raises:
        ValueError: if the folder holds no run.
    """
    own = Settings.of(config, HydraConfig.get())
    preset = _composed(own.choices["preset"])
    other = preset if baseline is None else _read_run(Path(baseline))
    before = preset.choices | other.choices
    changed: dict[str, Any] = {group: name for group, name in own.choices.items() if before.get(group, name) != name}
    variants = own.variants ^ other.variants
    if not variants:
        changed.pop(VARIANT, None)
    explained = {}
    if changed and "preset" not in changed:
        chosen = _composed(own.choices["preset"], changed).values
        instead = _composed(own.choices["preset"], {group: before[group] for group in changed}).values
        explained = {key: value for key, value in chosen.items() if instead.get(key) != value}
    known = other.values if baseline else {key: other.values.get(key) for key in own.values}
    for key, value in own.values.items():
        # Settings that came into the project after the baseline's run had no other value there.
        if known.get(key, value) != value and (key not in explained or explained[key] != value):
            changed[key] = value
    return Changes(baseline or own.choices["preset"], changed, variants)


class Settings(NamedTuple):
    """Settings by their dotted keys, as written, and the configuration files that were chosen for them."""

    values: dict[str, Any]
    choices: dict[str, str]  # group -> name, of the preset and its parts, or `[name,name]` of variants

    @property
    def variants(self) -> frozenset[str]:
        """The variants among the choices."""
        return frozenset(self.choices.get(VARIANT, "none").strip("[]").split(",")) - {"none"}

    @classmethod
    def of(cls, config: DictConfig, hydra: HydraConf | DictConfig) -> Settings:
        """From a composed configuration, and what Hydra keeps of its composition."""
        parts = ((str(group), str(name)) for group, name in hydra.runtime.choices.items())
        groups = {group: name for group, name in parts if group.partition("/")[0] in ("preset", VARIANT)}
        return cls(dict(_leaves(plain(config))), groups | _listed_variants(hydra.overrides.task))


def current_preset() -> str:
    """The preset of the command that runs."""
    return str(HydraConfig.get().runtime.choices["preset"])


def _composed(preset: str, choices: Mapping[str, str] | None = None) -> Settings:
    overrides = [f"preset={preset}", *(f"{group}={name}" for group, name in (choices or {}).items())]
    config = compose(str(HydraConfig.get().job.config_name), overrides, return_hydra_config=True)
    with open_dict(config):
        hydra = config.pop("hydra")
    return Settings.of(settle(config), hydra)


def _listed_variants(overrides: Sequence[str]) -> dict[str, str]:
    """The choice of variants that were typed as a list, each once; Hydra keeps a list among no choices."""
    typed = [line for line in overrides if line.partition("=")[0] == VARIANT]
    names = OverridesParser.create().parse_override(typed[-1]).value() if typed else None
    if not isinstance(names, list):
        return {}
    listed = [name for name in dict.fromkeys(names) if name != "none"]
    return {VARIANT: f"[{','.join(listed)}]" if len(listed) > 1 else "".join(listed) or "none"}


def _read_run(folder: Path) -> Settings:
    files = [folder / ".hydra" / name for name in ("config.yaml", "hydra.yaml")]
    for file in files:
        if not file.is_file():
            raise ValueError(f"expected the folder of a run at experiment.baseline={folder}, found no {file}")
    config, hydra = (DictConfig(OmegaConf.load(file)) for file in files)
    return Settings.of(settle(config), hydra.hydra)


def _leaves(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        key = f"{prefix}{name}"
        if key in BOOKKEEPING:
            continue
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{key}.")
        else:
            yield key, value


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
