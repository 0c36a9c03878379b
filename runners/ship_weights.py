"""Turn a classifier's checkpoint into shipped weights: `python runners/ship_weights.py checkpoint_path=… output=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("ship_weights")  # before torch is imported

import json
import logging
from pathlib import Path
from typing import Any

from baseline_code.files.json_file import read_json_object
from baseline_code.weights.fitting import sort_weights
from baseline_code.weights.shipped import MANIFEST, ship
from runners.wiring.checkpoints import CheckpointError, read_checkpoint

log = logging.getLogger(__name__)


@entry_point("ship_weights")
def main(checkpoint_path: str, output: str, description: str, overwrite: bool) -> None:
    """Writes the backbone's weights without the classifier's last layer, with what the run says of itself."""
    if (Path(output) / MANIFEST).exists() and not overwrite:
        raise FileExistsError(f"{output} holds weights already: choose another output=, or set overwrite=true")
    checkpoint = read_checkpoint(checkpoint_path)
    if "classes" not in checkpoint:
        raise CheckpointError(f"{checkpoint_path}: expected a classifier's checkpoint, got a detector's")
    encoder = checkpoint["config"]["models"]["network"]["name"]
    source = {"description": description, **describe_run(checkpoint, Path(checkpoint_path))}
    manifest = ship(sort_weights(checkpoint["state_dict"]).body, Path(output), encoder=encoder, source=source)
    log.info("%s: %s", manifest, json.dumps(source))


def describe_run(checkpoint: dict[str, Any], path: Path) -> dict[str, Any]:
    """Seed, classes, epochs; from the run's summary, where it lies in its place, commit and scores of this epoch."""
    run = {
        "seed": checkpoint["config"]["seed"],
        "classes": list(checkpoint["classes"]),
        "epochs": checkpoint["epoch"] + 1,
    }
    summary = path.parent.resolve().parent / "summary.json"
    if not summary.is_file():
        return run
    report = read_json_object(summary, "the summary of a run")
    scores = next((epoch for epoch in report.get("epochs", []) if epoch["epoch"] == checkpoint["epoch"]), None)
    return run | {"commit": report.get("commit"), "scores": scores}


if __name__ == "__main__":
    main()
