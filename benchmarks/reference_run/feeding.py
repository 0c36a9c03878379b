"""Trainings from files: whether the loading processes keep up, and what a validation costs."""

from __future__ import annotations

from collections.abc import Sequence

from baseline_code.training.loading import count_workers
from benchmarks.reference_run.plan import FIRST, PRESETS, SECOND
from benchmarks.reference_run.run import Run
from benchmarks.reference_run.trainings import compose_training, train

PARTS = {SECOND: 0.4}
"""Fraction of the receipts of an epoch, of both splits, where all of them would take too long."""
LEAST = 15.0
"""Seconds without which a row is not begun."""
CASES: Sequence[Sequence[str]] = ((FIRST,), (PRESETS[0],), (SECOND,), (FIRST, "trainer.batch_size=16"))
"""Preset and overrides of each row; what matters most comes first."""


def measure(run: Run) -> None:
    """A row for each case: of two epochs the second one, when processes and memory are warm."""
    for number, (preset, *overrides) in enumerate(CASES):
        if run.seconds_left < LEAST and not run.dry:
            run.note(left_out=f"{len(CASES) - number} of {len(CASES)} rows: {run.seconds_left:.0f} s were left")
            return
        add_case(run, number, preset, *overrides)


def add_case(run: Run, number: int, preset: str, *overrides: str) -> None:
    """Trains two epochs."""
    fraction = 1.0 if run.dry else PARTS.get(preset, 1.0)
    settings = compose_training(
        run,
        preset,
        "trainer.max_epochs=2",
        "early_stopping.enabled=false",
        "datasets.num_workers=auto",
        *(f"trainer.limit_{split}_batches={fraction}" for split in ("train", "val")),
        *overrides,
    )
    watched = train(settings, run.work / f"feeding_{number}", lambda: run.seconds_left, lambda _: None)
    epoch = watched.phases.epochs[-1]
    run.add(
        {
            "preset": preset,
            "batch": settings.trainer["batch_size"],
            "workers": count_workers(settings.datasets["num_workers"]),
            "fraction_of_receipts": fraction,
            "epoch": epoch.epoch,
            "images_per_s": epoch.images_per_s,
            "waiting": epoch.waiting,
            "training_s": epoch.training_s,
            "validation_s": epoch.validation_s,
            "saving_s": epoch.saving_s,
            "validation_per_training": epoch.validation_s / epoch.training_s,
        }
    )
