"""`latest` and `latest:PRESET` in the place of a checkpoint: the best one of the newest training."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from runners.cli.command_line import RUNS
from runners.cli.quoting import quoted_where_needed
from runners.cli.spellings import UsageError

_TAKES_CHECKPOINTS = re.compile(r"checkpoint_path|members|models\.weights|models\.encoder\.weights|hybrid\.\w+")
_LATEST = re.compile(r"(^|[\[,]|\bpath: ?)latest(?::([\w/-]+))?(?=$|[\],}])")
_PRESET = re.compile(r"^ +preset: (\S+)$", re.MULTILINE)
_FOLD = re.compile(r"^ +config_name: kfold$", re.MULTILINE)
_CLASSIFIER = "classify/"
_OF_CLASSIFIERS = ("classify", "pretrain", "ship_weights")


def name_latest(config_name: str, overrides: Sequence[str]) -> list[str]:
    """The command line with paths in the place of `latest`; each is written to stderr.

    Args:
        config_name: of the command: some take a classifier's checkpoint, the others a detector's.
        overrides: as typed.

    Raises:
        UsageError: if there is no such training below `outputs`.
    """
    return [_name(config_name, override) for override in overrides]


def _name(config_name: str, override: str) -> str:
    key, _, value = override.partition("=")
    if not _TAKES_CHECKPOINTS.fullmatch(key) or Path(value).exists():
        return override

    def replace(found: re.Match[str]) -> str:
        path = _find(config_name, key, found[2])
        sys.stderr.write(f"{key}: {found[0].removeprefix(found[1])} is {path}\n")
        return found[1] + quoted_where_needed(str(path))

    return f"{key}={_LATEST.sub(replace, value)}"


def _find(config_name: str, key: str, preset: str | None) -> Path:
    either = key == "models.encoder.weights"
    for path, own in _trainings():
        is_classifier = own.startswith(_CLASSIFIER)
        if own == preset or (preset is None and (either or is_classifier == (config_name in _OF_CLASSIFIERS))):
            return path
    presets = ", ".join(sorted({own for _, own in _trainings()})) or "none"
    wanted = f"preset={preset}" if preset else "a classifier" if config_name in _OF_CLASSIFIERS else "a detector"
    raise UsageError(
        f"{key}: expected a training of {wanted} below {RUNS}/, found {presets}; name a file by {key}=FILE"
    )


def _trainings() -> Iterator[tuple[Path, str]]:
    """Best checkpoint and preset of each training, the newest first; folds are none."""
    found = sorted(Path(RUNS).rglob("checkpoints/best.ckpt"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found:
        file = path.parents[1] / ".hydra" / "hydra.yaml"
        record = file.read_text(encoding="utf-8") if file.is_file() else ""
        preset = _PRESET.search(record)
        if preset is not None and not _FOLD.search(record):
            yield path, preset[1]
