"""The best detectors on their way back: halved, in pieces, as many as fit; and put together again."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from baseline_code.weights.shipped import MANIFEST, read_manifest, read_shipped, ship
from benchmarks.reference_run.machine import MIB
from benchmarks.reference_run.plan import FIRST, LONGER, SECOND
from benchmarks.reference_run.run import Run
from runners.wiring.checkpoints import read_checkpoint

PIECE = 15 * MIB
FILES, TOTAL = 6, 62 * MIB
"""Of all detectors together; the results and the log are two files more."""


def return_detectors(run: Run) -> list[str]:
    """Writes the best detectors below the output, as many as the limits on files and bytes allow.

    Those of an earlier call are replaced. Called after each training, so that a run that is cut off has returned some.

    Returns:
        The names of the experiments whose detectors are there, best first.
    """
    trained = [name for name in (FIRST, SECOND, LONGER) if "hmean" in run.record.stage(name)]
    ranked = sorted(trained, key=lambda name: -float(run.record.stage(name)["hmean"]))
    for name in trained:
        shutil.rmtree(run.output / name, ignore_errors=True)
    returned: list[str] = []
    files, space = FILES, TOTAL
    for name in ranked:
        folder, staging = run.output / name, run.work / f"returned_{name}"
        _ship(run, name, staging)
        written = list(staging.iterdir())
        size = sum(file.stat().st_size for file in written)
        if len(written) <= files and size <= space:
            shutil.copytree(staging, folder)
            returned.append(name)
            files, space = files - len(written), space - size
        else:
            run.say(f"{name} does not come back: {size / MIB:.0f} MiB in {len(written)} files are too much")
        shutil.rmtree(staging)
    return returned


def _ship(run: Run, name: str, folder: Path) -> None:
    checkpoint = read_checkpoint(run.work / name / "checkpoints" / "best.ckpt")
    found = run.record.stage(name)
    source = {
        "description": f"{name} on the receipts, from random weights",
        "config": checkpoint["config"],
        "scores": {key: found[key] for key in ("best_epoch", "precision_score", "recall", "hmean", "iou_hmean")},
        "commit": run.record.read().get("commit"),
    }
    ship(
        checkpoint["state_dict"],
        folder,
        encoder=checkpoint["config"]["models"]["encoder"]["name"],
        source=source,
        piece_bytes=PIECE,
    )


def join(folder: Path, checkpoint: Path) -> None:
    """Writes a checkpoint that `runners/evaluate.py` and `predict.py` take, from a detector that came back.

    Args:
        folder: of its pieces and manifest.
        checkpoint: the file to write.

    Raises:
        baseline_code.weights.errors.PretrainedWeightsError: if a piece is missing or damaged.
        FileExistsError: if the file is there already.
        ValueError: if the folder holds other weights than a detector's.
    """
    if checkpoint.exists():
        raise FileExistsError(f"expected --checkpoint to be a new file, got {checkpoint}")
    source: Mapping[str, Any] = read_manifest(folder)["source"]
    if "config" not in source:
        raise ValueError(f"{folder / MANIFEST}: expected a detector with its settings, got an encoder's weights")
    state = {
        name: value.float() if value.is_floating_point() else value for name, value in read_shipped(folder).items()
    }
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"config": source["config"], "state_dict": state}, checkpoint)
