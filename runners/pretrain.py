"""Train a classifier: `python runners/pretrain.py preset=classify/…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("pretrain")  # before torch is imported

from pathlib import Path

import pytorch_lightning as pl

from baseline_code.classifier.lightning_module import LOGGED
from runners.cli.settings import Group, Settings
from runners.wiring.callbacks import best_score, build_callbacks, check_monitor
from runners.wiring.classifier import build_datamodule, build_module
from runners.wiring.classifier_report import add_to_summary, print_test, show_graph, show_samples, show_test, test_best
from runners.wiring.experiment_log import log_run, print_settings
from runners.wiring.fitting import fit
from runners.wiring.resuming import find_resume
from runners.wiring.run_folder import RunRecord, claimed_run
from runners.wiring.trainers import build_loggers, build_trainer


@entry_point("pretrain")
def main(written: Group, sheet_images: int) -> float | None:
    """Trains, tests the best checkpoint (without validation the last), and returns the best monitored score."""
    settings = Settings.of(written)
    with claimed_run(settings.trainer["num_nodes"]) as folder:
        print_settings(written)
        return train_classifier(settings, folder, sheet_images)


def train_classifier(settings: Settings, folder: Path, sheet_images: int) -> float | None:
    """Trains a classifier, tests it, and adds its row to the experiment log.

    Args:
        settings: as of configs/pretrain.yaml.
        folder: for checkpoints, logs, images and summary.
        sheet_images: of samples and of misclassified images, so many on a sheet.

    Returns:
        The best monitored score; None where none was monitored.
    """
    resumed = find_resume(settings.resume, folder)
    pl.seed_everything(settings.seed, workers=True, verbose=False)
    with log_run(settings, folder) as run:
        datamodule = build_datamodule(settings)
        datamodule.setup("fit")
        validated = datamodule.val is not None and settings.trainer["limit_val_batches"] != 0
        callbacks = [*build_callbacks(settings, folder, validated=validated), RunRecord(folder, settings.written)]
        check_monitor(callbacks, LOGGED)
        weights = datamodule.class_weights
        module = build_module(settings, datamodule.classes, None if weights is None else weights.tolist())
        trainer = build_trainer(
            settings, folder, callbacks, build_loggers(settings.logger, folder), validated=validated
        )
        run.follow(trainer, module)
        if trainer.is_global_zero:
            show_samples(datamodule, folder, trainer.loggers, sheet_images)
            show_graph(module, settings.datasets["img_size"], trainer.loggers)
        fit(settings, trainer, module, datamodule, resumed)
        scores = test_best(trainer, module, datamodule, settings.trainer)
        run.add_scores(scores)
        if trainer.is_global_zero:
            add_to_summary(folder, {"classes": list(datamodule.classes), "parameters": run.parameters, "test": scores})
        if scores and datamodule.test is not None:
            print_test(scores, folder)
            show_test(module, datamodule.test, folder, trainer.loggers, sheet_images)
    return best_score(trainer)


if __name__ == "__main__":
    main()
