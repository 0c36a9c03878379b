"""What a training's validation said of its checkpoint."""

from __future__ import annotations

from pathlib import Path

from baseline_code.files.json_file import is_number, read_json_object

SCORES = ("precision", "recall", "hmean")


def validated_scores(checkpoint_path: str | Path) -> dict[str, float] | None:
    """Precision, recall and H (CLEval) of the best epoch, from the summary of the run that a checkpoint lies in.

    They hold for the settings of the training only: not with other post-processing, sizes or views.

    Args:
        checkpoint_path: `<run>/checkpoints/best.ckpt`.

    Raises:
        baseline_code.files.json_file.JsonFileError: if the summary is damaged.

    Returns:
        `precision`, `recall`, `hmean`, in [0, 1]; None for any other checkpoint, and without a summary or its scores.
    """
    path = Path(checkpoint_path)
    summary = path.parent.parent / "summary.json"
    if path.name != "best.ckpt" or not summary.is_file():
        return None
    best = read_json_object(summary, "the summary of a run").get("best")
    scores = {name: best.get(f"val_{name}") if isinstance(best, dict) else None for name in SCORES}
    known = {name: float(value) for name, value in scores.items() if is_number(value, 0, 1)}
    return known if len(known) == len(scores) else None
