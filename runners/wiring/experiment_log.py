"""What a training changes of its preset: said in its first lines, and in its row of the experiment log."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

import pytorch_lightning as pl
from hydra import compose
from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf, open_dict
from pytorch_lightning.utilities import rank_zero_only
from rich.console import Console

from baseline_code.files.names import shown_path
from baseline_code.training.callbacks import EpochLine, TimeBudget, TrainingSummary
from ocr.experiments.changes import (
    VARIANT,
    Changes,
    RunSettings,
    find_changes,
    leaves,
    typed_value,
    without_bookkeeping,
)
from ocr.experiments.next_step import next_step
from ocr.experiments.provenance import git_commit
from ocr.experiments.run import ExperimentRun, logged_run
from ocr.postprocess import READ_WITH_MODE
from runners.cli.moved_settings import rename_moved
from runners.cli.settings import Group, Settings, plain
from runners.cli.spellings import settle
from runners.wiring.callbacks import direction

ACTS_WITH = {name: needed for name, needed in READ_WITH_MODE.items() if name != "shrink_ratio"}
"""Settings that do nothing unless another one has a value; of `shrink_ratio` labels are made in any case."""

log = logging.getLogger(__name__)


@rank_zero_only
def print_settings(written: Group) -> None:
    """Prints what a person changed of the preset; all settings are in the run's `.hydra/config.yaml`.

    Args:
        written: the settings of the command that Hydra runs, as they were written.
    """
    lines = list(changed_settings(written))
    head = f"Settings of preset={HydraConfig.get().runtime.choices['preset']}, {'changed:' if lines else 'unchanged'}"
    text = "\n  ".join([head, *lines])
    Console().print(text, soft_wrap=True, markup=False, highlight=False)


def changed_settings(written: Group) -> Iterator[str]:
    """`key=value (preset: value)` of each setting, as typed; one that refers to another is not named again.

    Of one that acts with another setting's value only, and so does nothing here, the line says what it needs.
    """
    hydra = HydraConfig.get()
    preset = compose(str(hydra.job.config_name), [f"preset={hydra.runtime.choices['preset']}"])
    before, after = dict(leaves(plain(settle(preset)))), dict(leaves(written))
    for key, value in after.items():
        if key in before and value == before[key]:
            continue
        was = f" (preset: {typed_value(before[key])})" if key in before else ""
        group, _, name = key.rpartition(".")
        chooser, needed = ACTS_WITH.get(name, (name, value))
        idle = after.get(f"{group}.{chooser}", needed) != needed
        yield f"{key}={typed_value(value)}{was}" + (
            f": does nothing without {group}.{chooser}={needed}" if idle else ""
        )


def log_run(settings: Settings, folder: Path) -> AbstractContextManager[ExperimentRun]:
    """Appends one row to `experiment.log` at the end, as of `logged_run`; to none where that is null.

    Args:
        settings: of the run; Hydra knows its preset and its parts.
        folder: its folder.

    Raises:
        ValueError: if `experiment.baseline` is no folder of a run.
    """
    log_file, baseline, note = (settings.experiment[name] for name in ("log", "baseline", "note"))
    monitor = str(settings.checkpoint["monitor"])
    changes = changes_of(settings.written, None if baseline is None else shown_path(Path(baseline)))
    facts = {
        "preset": current_preset(),
        "monitor": monitor,
        "mode": direction(monitor, settings.early_stopping),
        "note": "" if note is None else str(note),
        "seed": str(settings.seed),
        "commit": git_commit() or "",
    }
    return logged_run(None if log_file is None else Path(log_file), folder, changes, facts)


@rank_zero_only
def say_next_step(trainer: pl.Trainer) -> None:
    """Logs in one line what to try next, by the curve of a training that has ended.

    Epochs that cannot be the best any more, such as those validated at another size, have no score in it.

    Args:
        trainer: with the callbacks of `build_callbacks`.
    """
    summary = next(one for one in trainer.callbacks if isinstance(one, TrainingSummary))  # type: ignore[attr-defined]
    line = next(one for one in trainer.callbacks if isinstance(one, EpochLine))  # type: ignore[attr-defined]
    if summary.epochs:
        step = next_step(
            [epoch if epoch["epoch"] >= summary.best_from else {} for epoch in summary.epochs],
            str(summary.monitor),
            sign=1 if summary.mode == "max" else -1,
            waiting=line.waiting,
            checkpoint=str(summary.folder / "checkpoints" / "best.ckpt"),
            is_timed=any(isinstance(one, TimeBudget) for one in trainer.callbacks),  # type: ignore[attr-defined]
        )
        log.info("next: %s", step)


def current_preset() -> str:
    """The preset of the command that runs."""
    return str(HydraConfig.get().runtime.choices["preset"])


def changes_of(written: Group, baseline: str | None) -> Changes:
    """The differences of a run to another, or to the preset's own configuration, as of `find_changes`.

    Args:
        written: the run's settings, as they were written; Hydra knows its preset and its parts.
        baseline: folder of a run, or None for the preset as it stands.

    Raises:
        ValueError: if the folder holds no run.
    """
    own = _settings(written, HydraConfig.get())
    return find_changes(own, _composed, baseline, None if baseline is None else _read_run(Path(baseline)))


def _settings(written: Group, hydra: HydraConf | DictConfig) -> RunSettings:
    """From the settings of a run, and what Hydra keeps of their composition."""
    parts = ((str(group), str(name)) for group, name in hydra.runtime.choices.items())
    groups = {group: name for group, name in parts if group.partition("/")[0] in ("preset", VARIANT)}
    overrides = cast(list[str], OmegaConf.to_container(hydra.overrides.task))  # one may refer to a setting
    return RunSettings(without_bookkeeping(written), groups | _listed_variants(overrides))


def _composed(choices: Mapping[str, str]) -> RunSettings:
    overrides = [f"{group}={name}" for group, name in choices.items()]
    config = compose(str(HydraConfig.get().job.config_name), overrides, return_hydra_config=True)
    with open_dict(config):
        hydra = config.pop("hydra")
    return _settings(plain(settle(config)), hydra)


def _listed_variants(overrides: Sequence[str]) -> dict[str, str]:
    """The choice of variants that were typed as a list, each once; Hydra keeps a list among no choices."""
    typed = [line for line in overrides if line.partition("=")[0] == VARIANT]
    names = OverridesParser.create().parse_override(typed[-1]).value() if typed else None
    if not isinstance(names, list):
        return {}
    listed = [name for name in dict.fromkeys(names) if name != "none"]
    return {VARIANT: f"[{','.join(listed)}]" if len(listed) > 1 else "".join(listed) or "none"}


def _read_run(folder: Path) -> RunSettings:
    files = [folder / ".hydra" / name for name in ("config.yaml", "hydra.yaml")]
    for file in files:
        if not file.is_file():
            raise ValueError(f"expected the folder of a run at experiment.baseline={folder}, found no {file}")
    config, hydra = (DictConfig(OmegaConf.load(file)) for file in files)
    return _settings(plain(settle(DictConfig(rename_moved(plain(config))))), hydra.hydra)
