"""What a training's validation said of its checkpoint."""

from __future__ import annotations

import json
from pathlib import Path


def validated_scores(checkpoint_path: str | Path) -> dict[str, float] | None:
    """Precision, recall and H (CLEval) of the best epoch, from the summary of the run that a checkpoint lies in.

    They hold for the settings of the training only: not with other post-processing, sizes or views.

    Args:
        checkpoint_path: `<run>/checkpoints/best.ckpt`.

    Returns:
        `precision`, `recall`, `hmean`, in [0, 1]; None for any other checkpoint, and without a summary or its scores.
    """
    path = Path(checkpoint_path)
    summary = path.parent.parent / "summary.json"
    if path.name != "best.ckpt" or not summary.is_file():
        return None
    best = json.loads(summary.read_text(encoding="utf-8")).get("best") or {}
    scores = {name: best.get(f"val_{name}") for name in ("precision", "recall", "hmean")}
    known = {name: float(value) for name, value in scores.items() if value is not None}
    return known if len(known) == len(scores) else None
