"""Train a detector: `python runners/train.py preset=…`."""

from __future__ import annotations

from pathlib import Path

import pytorch_lightning as pl
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from runners.assembly import build_datamodule, build_module
from runners.checkpoints import find_resume
from runners.entry import entry_point
from runners.experiment_run import logged_run
from runners.settings import print_settings
from runners.trainers import best_score, build_callbacks, build_trainer


@entry_point("train")
def main(config: DictConfig) -> float | None:
    """Trains, and returns the best monitored score."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    resume = find_resume(config.resume, folder)
    print_settings(config)
    pl.seed_everything(config.seed, workers=True)
    with logged_run(config, folder) as run:
        datamodule = build_datamodule(config)
        datamodule.setup("fit")
        module = build_module(config)
        trainer = build_trainer(config, folder, build_callbacks(config, folder))
        run.follow(trainer, module)
        trainer.fit(module, datamodule, ckpt_path=resume, weights_only=True)
    return best_score(trainer)


if __name__ == "__main__":
    main()
