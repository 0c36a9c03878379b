"""The errors of a data set as tables, and what to try first."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from ocr.error_analysis import KINDS, ErrorAnalysis, Kind
from ocr.visualization.tables import Column, print_table

PAGE = "docs/errors.md"
MEANINGS: dict[Kind, str] = {
    "none": "nothing was found there",
    "merged": "one detection holds several words",
    "split": "a word was found in parts",
    "loose": "found, but its IoU is at most 0.5",
    "piece": "a detection on a word that was found otherwise",
    "ignored": "a detection on an ignored word",
    "background": "a detection where no word is",
}
METRICS = {"cleval": "CLEval", "iou": "IoU"}


def print_errors(errors: ErrorAnalysis) -> None:
    """Prints the kinds of error, what each costs, the bias of the boxes, where errors are, and what to try first.

    Args:
        errors: of a data set.
    """
    _print_kinds(errors)
    if errors.bias:
        _print_bias(errors)
    if errors.solved:
        _print_breakdown(errors)
    Console().print(advice(errors), highlight=False, soft_wrap=True)


def advice(errors: ErrorAnalysis) -> str:
    """What to try first for each metric, in one line."""
    tries: dict[Kind, list[str]] = {}
    for metric, kind in errors.first.items():
        before, solved = getattr(errors.hmeans, metric), getattr(errors.solved[kind], metric)
        tries.setdefault(kind, []).append(f"{METRICS[metric]} H {before:.4f} -> {solved:.4f}")
    if not tries:
        return "What to try first: nothing, no kind of error costs anything here."
    said = [f"{kind} ({_percentage(errors, kind)}; solved, {', '.join(gains)})" for kind, gains in tries.items()]
    return f"What to try first: {', or '.join(said)}: see {', '.join(f'{PAGE}#{kind}' for kind in tries)}"


def _percentage(errors: ErrorAnalysis, kind: Kind) -> str:
    side, counts = ("missed words", errors.missed) if errors.missed.get(kind) else ("false detections", errors.false)
    return f"{counts[kind] / sum(counts.values()):.0%} of the {side}"


def _print_kinds(errors: ErrorAnalysis) -> None:
    missed, false = sum(errors.missed.values()), sum(errors.false.values())
    hmeans = [*(errors.solved.get(kind) for kind in KINDS), errors.hmeans]
    columns = [
        Column("kind", [*KINDS, "as it is"], least=10),
        Column("what", [*MEANINGS.values(), ""], least=12, wraps=True, dispensable=1),
        Column("missed", [*(str(errors.missed.get(kind, "")) for kind in KINDS), str(missed)]),
        Column("false", [*(str(errors.false.get(kind, "")) for kind in KINDS), str(false)]),
        Column("CLEval H", [f"{one.cleval:.4f}" if one else "" for one in hmeans]),
        Column("IoU H", [f"{one.iou:.4f}" if one else "" for one in hmeans]),
    ]
    title = f"Kinds of error: {missed} of {errors.words} words missed, {false} of {errors.detections} detections false"
    caption = "words and detections by IoU 0.5 (CLEval counts characters); H as if this kind alone were solved"
    print_table(title, columns, caption=caption)


def _print_bias(errors: ErrorAnalysis) -> None:
    table = Table("words", "number", "left", "top", "right", "bottom", title="Detections beyond (+) their words")
    for name, bias in errors.bias.items():
        sides = [f"{px:+.1f} px {part:+.0%}" for px, part in zip(bias.px, bias.heights, strict=True)]
        table.add_row(name, str(bias.words), *sides)
    table.caption = "medians; percent of the word's height"
    Console().print(table)


def _print_breakdown(errors: ErrorAnalysis) -> None:
    rows = [
        (trait if number == 0 else "", name, one)
        for trait, slices in errors.breakdown.items()
        for number, (name, one) in enumerate(slices.items())
    ]
    slices = [one for *_, one in rows]
    columns = [
        Column("by", [trait for trait, *_ in rows], least=8),
        Column("range", [name for _, name, _ in rows], least=13),
        Column("words", [str(one.words) for one in slices]),
        Column("missed", [_percent(one.missed.total(), one.words) for one in slices]),
        *(
            Column(kind, [str(one.missed[kind] or "") for one in slices], dispensable=2)
            for kind, count in errors.missed.items()
            if count
        ),
        Column("detections", [str(one.detections) for one in slices], dispensable=3),
        Column("false", [_percent(one.false.total(), one.detections) for one in slices], dispensable=1),
    ]
    print_table("Where errors are", columns)


def _percent(count: int, total: int) -> str:
    return f"{count / total:.1%}" if total else ""
