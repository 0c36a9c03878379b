"""A reference experiment on the receipts: to its early stopping, or as far as its time goes."""

from __future__ import annotations

from benchmarks.reference_run.detectors import return_detectors
from benchmarks.reference_run.plan import FIRST, LONGER
from benchmarks.reference_run.run import Run
from benchmarks.reference_run.trainings import Watched, compose_training, train

PATIENCE = 3
FIXED = 15.0
"""Seconds of a training beside its epochs: the start of its processes, the first kernels, and the detector's return."""


def measure(run: Run) -> None:
    """A row for each epoch, then the best one's scores; the detector comes back where it fits."""
    preset = FIRST if run.stage == LONGER else run.stage
    overrides = ("datasets.num_workers=auto", *_stopping(run))
    asked = compose_training(run, preset, *overrides).trainer["max_epochs"]
    epochs = run.sizes.epochs if run.stage == LONGER else asked
    planned = fitting_epochs(run, preset, epochs)
    settings = compose_training(run, preset, *overrides, f"trainer.max_epochs={planned}")
    stopping = settings.early_stopping
    run.note(
        preset=preset,
        batch=settings.trainer["batch_size"],
        precision=settings.trainer["precision"],
        encoder_starts_from="random weights",
        planned_epochs=planned,
        asked_epochs=epochs,
        patience=stopping["patience"] if stopping["enabled"] else None,
    )
    watched = train(
        settings, run.work / run.stage, lambda: run.seconds_left - FIXED / 2, lambda epoch: run.add(epoch.row())
    )
    done = watched.phases.epochs
    best = watched.best
    run.note(
        epochs=len(done),
        minutes=sum(epoch.seconds for epoch in done) / 60,
        ended=_ending(watched, planned),
        best_epoch=int(best["epoch"]) + 1,
        precision_score=best["val_precision"],
        recall=best["val_recall"],
        hmean=best["val_hmean"],
        iou_hmean=best["val_iou_hmean"],
    )
    run.note(returned=return_detectors(run))


def _ending(watched: Watched, planned: int) -> str:
    if watched.phases.out_of_time:
        return "out of time"
    return "after its epochs" if len(watched.phases.epochs) == planned else "early stopping"


def _stopping(run: Run) -> list[str]:
    if run.stage == LONGER:
        return ["early_stopping.enabled=false"]
    return ["early_stopping.enabled=true", f"early_stopping.patience={PATIENCE}"]


def fitting_epochs(run: Run, preset: str, epochs: int) -> int:
    """How many epochs the time allows, at most those asked for, by what the feeding of this preset was measured at.

    The schedule spans them: a training that is cut off would end at a high learning rate.
    """
    measured = [row for row in run.record.rows("feeding") if row["preset"] == preset]
    if not measured or run.dry:
        return epochs
    row = measured[0]
    seconds = (row["training_s"] + row["validation_s"]) / row["fraction_of_receipts"] + row["saving_s"]
    return max(2, min(epochs, int((run.seconds_left - FIXED) / seconds)))
