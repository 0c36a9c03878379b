"""What one accelerator of the present is to reach, and what a run found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.reference_run.plan import FIRST


def goal_rows(results: Mapping[str, Any]) -> list[dict[str, str]]:
    """A row for each goal: what, wanted, found; `not measured` where its stage found nothing."""
    stages = results["stages"]
    goals = (
        (f"{FIRST}, bf16, images/s", ">= 100", _speed(stages)),
        (f"{FIRST} from files, fraction of time waiting", "< 3 %", _waiting(stages)),
        (f"{FIRST}, fraction of validation", "<= 20 %", _validation(stages)),
        (f"{FIRST} to its early stopping, minutes", "<= 4", _minutes(stages)),
    )
    return [{"what": what, "wanted": wanted, "found": found or "not measured"} for what, wanted, found in goals]


def _speed(stages: Mapping[str, Any]) -> str | None:
    rows = [row for row in rows_of(stages, "steps") if row["preset"] == FIRST and row["precision"] == "bf16"]
    timed = [row for row in rows if "images_per_s" in row and not row["compiled"]]
    if not timed:
        return None
    best = max(timed, key=lambda row: float(row["images_per_s"]))
    return _judged(f"{best['images_per_s']:.0f} (batch {best['batch']})", best["images_per_s"] >= 100)


def _waiting(stages: Mapping[str, Any]) -> str | None:
    rows = [row for row in rows_of(stages, "feeding") if row["preset"] == FIRST]
    return _judged(f"{100 * rows[0]['waiting']:.1f} %", rows[0]["waiting"] < 0.03) if rows else None


def _validation(stages: Mapping[str, Any]) -> str | None:
    rows = rows_of(stages, FIRST)
    if not rows:
        return None
    whole = sum(row["training_s"] + row["validation_s"] + row["saving_s"] for row in rows)
    fraction = sum(row["validation_s"] for row in rows) / whole
    return _judged(f"{100 * fraction:.0f} %", fraction <= 0.2)


def _minutes(stages: Mapping[str, Any]) -> str | None:
    stage = stages.get(FIRST, {})
    if "minutes" not in stage:
        return None
    met = stage["ended"] == "early stopping" and stage["minutes"] <= 4
    return _judged(f"{stage['minutes']:.1f}, {stage['ended']}", met)


def rows_of(stages: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The rows of a stage; none where it found nothing."""
    return list(stages.get(name, {}).get("rows", []))


def _judged(found: str, met: bool) -> str:
    return f"{found}: {'met' if met else 'missed'}"
