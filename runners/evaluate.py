"""Score a checkpoint on a labelled split: `python runners/evaluate.py checkpoint_path=… split=val`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("evaluate")  # before torch is imported

import json
from pathlib import Path

from omegaconf import DictConfig

from baseline_code.files.atomic import write_text_atomic
from ocr.datasets.word_counts import check_scorable
from ocr.visualization.scores import print_scores
from runners.wiring.detector import load_detector, read_labelled


@entry_point("evaluate")
def main(config: DictConfig) -> None:
    """Evaluates, prints the scores and the worst images, and writes them where `output` says."""
    detector, settings = load_detector(config.checkpoint_path, config, "val")
    images = read_labelled(settings, config.split).first(config.limit)
    images.check_sizes()
    check_scorable(images.annotations, config.split)
    result = detector.score(images)
    print_scores(result, worst=config.worst)
    if config.output is not None:
        write_text_atomic(Path(config.output), json.dumps(result.to_dict(), indent=2) + "\n")


if __name__ == "__main__":
    main()
