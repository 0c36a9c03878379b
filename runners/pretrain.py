"""Train a classifier: `python runners/pretrain.py preset=classify/…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("pretrain")  # before torch is imported

from pathlib import Path

import pytorch_lightning as pl
from omegaconf import DictConfig

from baseline_code.classifier.lightning_module import LOGGED
from runners.wiring.changed_settings import print_settings
from runners.wiring.classifier import build_datamodule, build_module
from runners.wiring.classifier_report import add_to_summary, print_test, show_graph, show_samples, show_test, test_best
from runners.wiring.experiment_log import log_run
from runners.wiring.fitting import fit
from runners.wiring.resuming import find_resume
from runners.wiring.run_folder import RunRecord, claimed_run
from runners.wiring.trainers import best_score, build_callbacks, build_loggers, build_trainer, check_monitor


@entry_point("pretrain")
def main(config: DictConfig) -> float | None:
    """Trains, tests the best checkpoint (without validation the last), and returns the best monitored score."""
    with claimed_run() as folder:
        print_settings(config)
        return train_classifier(config, folder)


def train_classifier(config: DictConfig, folder: Path) -> float | None:
    """Trains a classifier, tests it, and adds its row to the experiment log.

    Args:
        config: settings as of configs/pretrain.yaml.
        folder: for checkpoints, logs, images and summary.

    Returns:
        The best monitored score; None where none was monitored.
    """
    resumed = find_resume(config.resume, folder)
    pl.seed_everything(config.seed, workers=True, verbose=False)
    with log_run(config, folder) as run:
        datamodule = build_datamodule(config)
        datamodule.setup("fit")
        validated = datamodule.val is not None and config.trainer.limit_val_batches != 0
        callbacks = [*build_callbacks(config, folder, validated=validated), RunRecord(folder, config)]
        check_monitor(callbacks, LOGGED)
        weights = datamodule.class_weights
        module = build_module(config, datamodule.classes, None if weights is None else weights.tolist())
        trainer = build_trainer(config, callbacks, build_loggers(config, folder), validated=validated)
        run.follow(trainer, module)
        if trainer.is_global_zero:
            show_samples(datamodule, folder, trainer.loggers, config.sheet_images)
            show_graph(module, config.datasets.img_size, trainer.loggers)
        fit(config, trainer, module, datamodule, resumed)
        scores = test_best(trainer, module, datamodule, config)
        run.add_scores(scores)
        if trainer.is_global_zero:
            add_to_summary(folder, {"classes": list(datamodule.classes), "parameters": run.parameters, "test": scores})
        if scores and datamodule.test is not None:
            print_test(scores, folder)
            show_test(module, datamodule.test, folder, trainer.loggers, config.sheet_images)
    return best_score(trainer)


if __name__ == "__main__":
    main()
