"""What a run changes against its baseline."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

BOOKKEEPING = (
    "resume",
    "experiment",
    "logger",
    "callbacks",
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


class RunSettings(NamedTuple):
    """Settings by their dotted keys, references as written, and the configuration files that were chosen for them."""

    values: dict[str, Any]  # without `BOOKKEEPING`
    choices: dict[str, str]  # group -> name, of the preset and its parts, or `[name,name]` of variants

    @property
    def variants(self) -> frozenset[str]:
        """The variants among the choices."""
        return frozenset(self.choices.get(VARIANT, "none").strip("[]").split(",")) - {"none"}


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
        return "; ".join(f"{key.partition('@')[0]}={typed_value(value)}" for key, value in self.settings.items())


def find_changes(
    own: RunSettings,
    compose: Callable[[Mapping[str, str]], RunSettings],
    baseline: str | None = None,
    baseline_settings: RunSettings | None = None,
) -> Changes:
    """The differences to a run, or to the preset's own configuration.

    References between settings are compared as they are written, so that one key which many follow is one change. So
    is the choice of a part of the preset (`preset/models=…`) or of a variant, whatever it sets. The order of
    several variants matters as far as they set the same keys.

    Args:
        own: the run's settings.
        compose: the settings of configuration files, by group.
        baseline: folder of a run, or None for the preset as it stands.
        baseline_settings: of that run.
    """
    chosen_preset = {"preset": own.choices["preset"]}
    preset = compose(chosen_preset)
    other = baseline_settings or preset
    before = preset.choices | other.choices
    changed: dict[str, Any] = {group: name for group, name in own.choices.items() if before.get(group, name) != name}
    variants = own.variants ^ other.variants
    if not variants:
        changed.pop(VARIANT, None)
    explained = {}
    if changed and "preset" not in changed:
        chosen = compose(chosen_preset | changed).values
        instead = compose(chosen_preset | {group: before[group] for group in changed}).values
        explained = {key: value for key, value in chosen.items() if instead.get(key) != value}
    known = other.values if baseline_settings else {key: other.values.get(key) for key in own.values}
    for key, value in own.values.items():
        # Settings that came into the project after the baseline's run had no other value there.
        if known.get(key, value) != value and (key not in explained or explained[key] != value):
            changed[key] = value
    return Changes(baseline or own.choices["preset"], changed, variants)


def without_bookkeeping(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings by their dotted keys, without `BOOKKEEPING`."""
    return {
        key: value
        for key, value in leaves(settings)
        if not any(f"{key}.".startswith(f"{name}.") for name in BOOKKEEPING)
    }


def leaves(settings: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and values of nested settings; an empty group is a value."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def typed_value(value: object) -> str:
    """A value as a person types it: texts and paths as they are, all others as JSON."""
    if isinstance(value, str | Path):
        return str(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)


def shortened_change(change: str) -> str:
    """`models.optimizer.lr=0.1` -> `optimizer.lr=0.1`."""
    key, _, value = change.partition("=")
    return f"{'.'.join(key.split('.')[-2:])}={value}"
