"""Runs of the experiment log, chosen and named for a chart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from baseline_code.files.json_file import read_json_object
from ocr.experiments.changes import PLACES, shortened_change
from ocr.experiments.table import Row, number_in
from ocr.visualization.curves import SHOWN, Curve
from ocr.visualization.palette import COLOURS
from ocr.visualization.score_bars import ScoreChart, ScoredRun

_SCORES = (("accuracy", "precision", "recall", "loss"), ("hmean", "precision", "recall"))
"""Of classifiers, and of detectors (CLEval); the first of each tells which of them a run is."""

_SPLITS = {"test": "test split", "val": "validation split (best epoch)"}
_MOST_CHANGES = 3  # in a label


class RunsChart(NamedTuple):
    """A chart, and the folders of the runs for which it has no room."""

    chart: ScoreChart
    left_out: list[str]


def compare_runs(rows: Sequence[Row]) -> list[RunsChart]:
    """The finished runs with scores, those of classifiers in one chart and those of detectors in another.

    Scores are those of the test where a run has them, else those of the validation. Where there are too many runs,
    the unchanged ones and then the first are taken.

    Args:
        rows: as `ranked` gives them, in the order of the bars.

    Raises:
        ValueError: if no finished run has such scores.
    """
    finished = [row for row in rows if row["status"] == "finished"]
    kinds = [([row for row in finished if _split(row, names)], names) for names in _SCORES]
    charts = [_compare(found, names) for found, names in kinds if found]
    if not charts:
        raise ValueError(
            "expected a finished run with an accuracy or hmean of test or validation, got none among the "
            f"{len(rows)} chosen; choose another preset=, or train one"
        )
    return charts


def read_curves(rows: Sequence[Row]) -> list[Curve]:
    """What each epoch of these runs logged, by the `summary.json` in their folders; runs whose folder is gone are none.

    A training that was interrupted and went on has several rows, and one curve, with the changes of the last row.

    Args:
        rows: as `ranked` gives them; the first that have a summary are taken, as many as a chart has colours.

    Raises:
        ValueError: if none of the runs has a summary, or one holds something else.
    """
    last = {row["run"]: row for row in sorted(rows, key=lambda row: row.get("time", ""))}
    found = [row for row in rows if row is last[row["run"]] and _summary(row).is_file()][: len(COLOURS)]
    if not found:
        raise ValueError(f"expected the folders of the {len(rows)} chosen runs with their summary.json, found none")
    labels = _labels(found, [""] * len(found))
    return [Curve(label, _epochs(_summary(row))) for label, row in zip(labels, found, strict=True)]


def _summary(row: Row) -> Path:
    return Path(row["run"]) / "summary.json"


def _epochs(summary: Path) -> list[dict[str, float]]:
    """What has a curve, of each epoch."""
    epochs = read_json_object(summary, "the summary of a training").get("epochs")
    if not isinstance(epochs, list) or not all(isinstance(epoch, dict) for epoch in epochs):
        raise ValueError(f"{summary}: expected the summary of a training, got one without epochs")
    shown = [{name: epoch[name] for name in SHOWN if epoch.get(name) is not None} for epoch in epochs]
    wrong = [value for epoch in shown for value in epoch.values() if not isinstance(value, int | float)]
    if wrong:
        raise ValueError(f"{summary}: expected the summary of a training, got the score {wrong[0]!r}")
    return shown


def _compare(rows: Sequence[Row], names: Sequence[str]) -> RunsChart:
    unchanged_first = sorted(range(len(rows)), key=lambda index: rows[index]["mark"] != "baseline")
    chosen = set(unchanged_first[: len(COLOURS)])
    shown = [row for index, row in enumerate(rows) if index in chosen]
    left_out = [row["run"] for index, row in enumerate(rows) if index not in chosen]
    splits = [_split(row, names) for row in shown]
    runs = [
        ScoredRun(label, _scores(row, split, names))
        for label, row, split in zip(_labels(shown, splits), shown, splits, strict=True)
    ]
    presets = list(dict.fromkeys(row["preset"] for row in shown))
    of_presets = f"{len(presets)} presets" if len(presets) > 2 else " and ".join(presets)
    title = f"{of_presets}: {' or '.join(words for split, words in _SPLITS.items() if split in splits)}"
    if left_out:
        title += f"\n{len(shown)} of {len(rows)} runs: the unchanged ones and the first of the others"
    return RunsChart(ScoreChart(title, runs), left_out)


def _split(row: Row, names: Sequence[str]) -> str:
    """The split of the data whose scores tell most of a run; empty where it has none of these scores."""
    return next((split for split in _SPLITS if math.isfinite(number_in(row, f"{split}_{names[0]}"))), "")


def _scores(row: Row, split: str, names: Sequence[str]) -> dict[str, float]:
    values = {name: number_in(row, f"{split}_{name}") for name in names}
    return {name: value for name, value in values.items() if math.isfinite(value)}


def _labels(rows: Sequence[Row], splits: Sequence[str]) -> list[str]:
    """What each run changed that not all have, and what else tells it apart: split of the data, seed, folder."""
    several_presets = len({row["preset"] for row in rows}) > 1
    everywhere = set.intersection(*(set(_change_list(row)) for row in rows)) if len(rows) > 1 else set()
    labels = [_changes(row, everywhere, with_preset=several_presets) for row in rows]
    if len(set(splits)) > 1:
        labels = [
            f"{label} (validation)" if split == "val" else label for label, split in zip(labels, splits, strict=True)
        ]
    labels = _distinguished(labels, [f"seed {row['seed']}" for row in rows])
    return _distinguished(labels, [PurePosixPath(row["run"]).name for row in rows])


def _change_list(row: Row) -> list[str]:
    """A run's changes, without places."""
    return [change for change in row["changes"].split("; ") if change and change.partition("=")[0] not in PLACES]


def _changes(row: Row, everywhere: set[str], *, with_preset: bool) -> str:
    """A run's changes without those that all have; where none is left, the preset."""
    changes = [change for change in _change_list(row) if change not in everywhere]
    label = ", ".join(map(shortened_change, changes[:_MOST_CHANGES]))
    if len(changes) > _MOST_CHANGES:
        label += f" and {len(changes) - _MOST_CHANGES} more"
    if row["baseline"] != row["preset"]:
        label = f"{label or 'nothing'} changed from {PurePosixPath(row['baseline']).name}"
    if not label:
        return row["preset"]
    return f"{PurePosixPath(row['preset']).name}: {label}" if with_preset else label


def _distinguished(labels: Sequence[str], remarks: Sequence[str]) -> list[str]:
    """Each label with its remark, where runs of the same label have different ones."""
    pairs = list(zip(labels, remarks, strict=True))
    several = Counter(label for label, _ in set(pairs))
    return [f"{label}, {remark}" if several[label] > 1 else label for label, remark in pairs]
