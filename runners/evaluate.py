"""Score a checkpoint on a labelled part: `python runners/evaluate.py checkpoint_path=… split=val`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("evaluate")  # before torch is imported

import json
from dataclasses import replace
from pathlib import Path

from omegaconf import DictConfig

from baseline_code.files.atomic import write_text_atomic
from ocr.datasets.word_counts import check_scorable
from ocr.visualization import print_scores
from runners.wiring.detector import build_datamodule, build_tta_views, load_module
from runners.wiring.trainers import build_inference_trainer


@entry_point("evaluate")
def main(config: DictConfig) -> None:
    """Evaluates, prints the scores and the worst images, and writes them where `output` says."""
    module, settings = load_module(config.checkpoint_path, config)
    datamodule = build_datamodule(settings)
    part = replace(datamodule.val, split=config.split, limit=config.limit)
    check_scorable(datamodule.annotations(part), config.split)
    loader = datamodule.labelled_dataloader(part, build_tta_views(config, settings, "val"))
    build_inference_trainer(settings).test(module, loader, verbose=False)
    print_scores(module.evaluation, worst=config.worst)
    if config.output is not None:
        write_text_atomic(Path(config.output), json.dumps(module.evaluation.to_dict(), indent=2) + "\n")


if __name__ == "__main__":
    main()
