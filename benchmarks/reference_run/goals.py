"""What one accelerator of the present is to reach, and what a run found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.reference_run.plan import FIRST

Row = dict[str, str]


def goal_rows(results: Mapping[str, Any]) -> list[Row]:
    """A row for each goal: what, wanted, found; `not measured` where its stage found nothing."""
    stages = results["stages"]
    return [_speed(stages), _waiting(stages), _validation(stages), _minutes(stages)]


def _speed(stages: Mapping[str, Any]) -> Row:
    rows = [row for row in rows_of(stages, "steps") if row["preset"] == FIRST and row["precision"] == "bf16"]
    timed = [row for row in rows if "images_per_s" in row and not row["compiled"]]
    best = max(timed, key=lambda row: float(row["images_per_s"]), default=None)
    found = None if best is None else f"{best['images_per_s']:.0f} (batch {best['batch']})"
    return _row(f"{FIRST}, bf16, images/s", ">= 100", found, best is not None and best["images_per_s"] >= 100)


def _waiting(stages: Mapping[str, Any]) -> Row:
    rows = [row for row in rows_of(stages, "feeding") if row["preset"] == FIRST]
    fraction = rows[0]["waiting"] if rows else None
    found = None if fraction is None else f"{100 * fraction:.1f} %"
    return _row(
        f"{FIRST} from files, fraction of time waiting", "< 3 %", found, fraction is not None and fraction < 0.03
    )


def _validation(stages: Mapping[str, Any]) -> Row:
    rows = rows_of(stages, FIRST)
    whole = sum(row["training_s"] + row["validation_s"] + row["saving_s"] for row in rows)
    fraction = sum(row["validation_s"] for row in rows) / whole if whole else None
    found = None if fraction is None else f"{100 * fraction:.0f} %"
    return _row(f"{FIRST}, fraction of validation", "<= 20 %", found, fraction is not None and fraction <= 0.2)


def _minutes(stages: Mapping[str, Any]) -> Row:
    stage = stages.get(FIRST, {})
    minutes = stage.get("minutes")
    stopped = stage.get("ended") == "early stopping"
    found = None if minutes is None else f"{minutes:.1f}, {stage['ended']}"
    return _row(
        f"{FIRST} to its early stopping, minutes", "<= 4", found, stopped and minutes is not None and minutes <= 4
    )


def rows_of(stages: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The rows of a stage; none where it found nothing."""
    return list(stages.get(name, {}).get("rows", []))


def _row(what: str, wanted: str, found: str | None, met: bool) -> Row:
    shown = "not measured" if found is None else f"{found}: {'met' if met else 'missed'}"
    return {"what": what, "wanted": wanted, "found": shown}
