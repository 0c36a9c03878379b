"""The results as tables in docs/results.md, between markers: nothing there is written by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from baseline_code.files.atomic import write_text_atomic
from benchmarks.reference_run.goals import goal_rows, rows_of
from benchmarks.reference_run.plan import FIRST, LONGER, SECOND

Results = Mapping[str, Any]
Column = tuple[str, Callable[[Mapping[str, Any]], str]]
"""Its heading, and what it shows of a row."""

MARKED = re.compile(r"(<!-- accelerator -->\n).*?(<!-- /accelerator -->)", flags=re.DOTALL)


def write_tables(results: Results | None, root: Path) -> Path:
    """Replaces what stands between the markers of docs/results.md.

    Args:
        results: as a run wrote them; None: the tables say that nothing was measured.
        root: the folder that docs/ lies in.

    Returns:
        The file.

    Raises:
        ValueError: if the results are a dry run's, or the file lacks the markers.
    """
    if results is not None and results["dry_run"]:
        raise ValueError("expected the results of an accelerator, got those of a dry run, which say nothing of speed")
    path = root / "docs" / "results.md"
    parts = MARKED.split(path.read_text(encoding="utf-8"))
    if len(parts) != 4:
        raise ValueError(
            f"{path}: expected <!-- accelerator --> … <!-- /accelerator --> once, got {(len(parts) - 1) // 3}"
        )
    before, opening, closing, after = parts
    write_text_atomic(path, f"{before}{opening}{render_results(results)}\n{closing}{after}")
    return path


def render_results(results: Results | None) -> str:
    """All tables, as text."""
    if results is None:
        return "Not yet measured: `benchmarks/README.md` tells how it is done, by one command."
    stages = results["stages"]
    sections = [
        _machine(results),
        _section("Goals", goal_rows(results), GOALS),
        _section("Stages", [{"stage": name, **stage} for name, stage in stages.items()], STAGES),
        _section("Ceilings of the card", rows_of(stages, "card"), CARD),
        _checks(rows_of(stages, "checks")),
        _section("Training steps", _with_shares(stages), STEPS),
        _section("From files", rows_of(stages, "feeding"), FEEDING),
        _section("Reference experiments, from random weights", _experiments(stages), EXPERIMENTS),
        *(_section(f"The curve of {name}", rows_of(stages, name), CURVE) for name in (FIRST, SECOND, LONGER)),
        _section(
            "Hybrid, on the validation receipts, all read with the settings of the first",
            rows_of(stages, "hybrid"),
            HYBRID,
        ),
    ]
    return "\n\n".join(section for section in sections if section)


def _machine(results: Results) -> str:
    facts = results["stages"].get("card", {}).get("machine", {})
    described = "; ".join(f"{name} {value}" for name, value in facts.items())
    data = f"receipts of {results.get('long_side', '?')} px, JPEG quality {results.get('quality', '?')}"
    return f"Commit {results.get('commit', 'unknown')}; budget {results['budget_s']:.0f} s; {data}. {described}."


def _checks(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    failed = [f"`{row['test']}`" for row in rows if row["outcome"] == "failed"]
    passed = sum(row["outcome"] == "passed" for row in rows)
    return f"**Checks**: {passed} of {len(rows)} passed" + (f"; failed: {', '.join(failed)}." if failed else ".")


def _with_shares(stages: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Steps with their fraction of the card's matrix rate in their precision."""
    rates = {row["what"].rpartition(" ")[2]: row["rate"] for row in rows_of(stages, "card")}
    rows = []
    for row in rows_of(stages, "steps"):
        rate = rates.get(row["precision"])
        rows.append({**row, "share": row["tflops"] / rate} if rate and "tflops" in row else dict(row))
    return rows


def _experiments(stages: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = (FIRST, SECOND, LONGER)
    return [{"name": name, **stages[name]} for name in names if "hmean" in stages.get(name, {})]


def _section(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> str:
    return "\n".join([f"**{title}**", "", *_table(rows, columns)]) if rows else ""


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> list[str]:
    head = [f"| {' | '.join(heading for heading, _ in columns)} |", "|---" * len(columns) + "|"]
    return [*head, *(f"| {' | '.join(show(row) for _, show in columns)} |" for row in rows)]


def _text(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: str(row.get(key, ""))


def _number(key: str, form: str = ".4g", factor: float = 1.0) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: f"{factor * row[key]:{form}}" if row.get(key) is not None else ""


GOALS: list[Column] = [("goal", _text("what")), ("wanted", _text("wanted")), ("found", _text("found"))]
STAGES: list[Column] = [
    ("stage", _text("stage")),
    ("status", _text("status")),
    ("s", _number("seconds", ".1f")),
    ("why", lambda row: str(row.get("reason", row.get("left_out", "")))),
]
CARD: list[Column] = [("what", _text("what")), ("rate", lambda row: f"{row['rate']:.4g} {row['unit']}")]
STEPS: list[Column] = [
    ("preset", _text("preset")),
    ("batch", _text("batch")),
    ("precision", lambda row: f"{row['precision']}{', compiled' if row['compiled'] else ''}"),
    ("images/s", lambda row: str(row["note"]) if "note" in row else f"{row['images_per_s']:.4g}"),
    ("ms", _number("step_ms")),
    ("TFLOP/s", _number("tflops")),
    ("of the card's %", _number("share", ".0f", 100)),
    ("GiB", _number("peak_gib", ".1f")),
]
FEEDING: list[Column] = [
    ("preset", _text("preset")),
    ("batch", _text("batch")),
    ("workers", _text("workers")),
    ("images/s", _number("images_per_s")),
    ("waiting %", _number("waiting", ".1f", 100)),
    ("training s", _number("training_s", ".2f")),
    ("validation s", _number("validation_s", ".2f")),
    ("saving s", _number("saving_s", ".2f")),
    ("validation per s of training", _number("validation_per_training", ".2f")),
]
SCORES: list[Column] = [
    ("P", _number("precision_score", ".4f")),
    ("R", _number("recall", ".4f")),
    ("H", _number("hmean", ".4f")),
    ("IoU H", _number("iou_hmean", ".4f")),
]
EXPERIMENTS: list[Column] = [
    ("experiment", _text("name")),
    ("batch, precision", lambda row: f"{row['batch']}, {row['precision']}"),
    ("epochs (planned, preset)", lambda row: f"{row['epochs']} ({row['planned_epochs']}, {row['asked_epochs']})"),
    ("ended", _text("ended")),
    ("min", _number("minutes", ".1f")),
    ("best epoch", _text("best_epoch")),
    *SCORES,
]
CURVE: list[Column] = [
    ("epoch", _text("epoch")),
    ("loss", _number("train_loss", ".3f")),
    ("P", _number("val_precision", ".4f")),
    ("R", _number("val_recall", ".4f")),
    ("H", _number("val_hmean", ".4f")),
    ("IoU H", _number("val_iou_hmean", ".4f")),
    ("images/s", _number("images_per_s", ".4g")),
    ("waiting %", _number("waiting", ".1f", 100)),
]
HYBRID: list[Column] = [
    ("detector", _text("detector")),
    ("views", _text("views")),
    ("weights", _text("weights")),
    ("P", _number("precision", ".4f")),
    *SCORES[1:],
    ("gain over equal weights, cross-fitted", _number("gain", "+.4f")),
    ("P(gain > 0)", _number("probability_of_gain", ".3f")),
]
