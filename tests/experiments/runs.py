"""Rows of the experiment log, as a training writes them, and of the ledger."""

from ocr.experiments.ledger import LEDGER


def row(run, score, *, preset="p", baseline="p", changes="", count=0, status="finished", mode="max", **more):
    fixed = {"run": run, "preset": preset, "baseline": baseline, "changes": changes, "change_count": str(count)}
    cost = {"epochs": "3", "minutes": "1.00", "parameters": "2000000", "seed": "1"}
    return fixed | cost | {"monitor": "val", "mode": mode, "score": score, "status": status} | more


def scored(run, *, split="test", name="accuracy", value=0.9, **more):
    scores = {f"{split}_{score}": "0.5" for score in ("precision", "recall", "loss")} | {f"{split}_{name}": str(value)}
    return row(run, str(value), **more, **scores)


def submission(name, val="", leaderboard="", **more):
    known = {"submission": name, "val_hmean": val, "leaderboard_hmean": leaderboard}
    return dict.fromkeys(LEDGER.columns, "") | known | more
