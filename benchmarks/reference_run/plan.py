"""The stages, their seconds, and the sizes of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

BUDGET = 540
"""Seconds for which the shares below are meant; another budget stretches or shrinks them."""

PACKAGE = "benchmarks.reference_run"
FIRST, SECOND, LONGER = "resnet50_unet_1024", "hrnet_w44_fpn_1280", "resnet50_unet_1024_longer"
PRESETS = ("resnet18_unet_640", FIRST, SECOND)


class Stage(NamedTuple):
    """A part of a run, in a process of its own that is ended when its time is used up."""

    name: str
    module: str  # has `measure(run)`
    seconds: float  # inf: all that is left
    least: float  # seconds without which it does not begin


STAGES = (
    Stage("card", f"{PACKAGE}.card", 10, 5),
    Stage("checks", f"{PACKAGE}.checks", 75, 30),
    Stage("steps", f"{PACKAGE}.steps", 105, 20),
    Stage("feeding", f"{PACKAGE}.feeding", 60, 25),
    Stage(FIRST, f"{PACKAGE}.experiments", 90, 25),
    Stage(SECOND, f"{PACKAGE}.experiments", 140, 40),
    Stage("hybrid", f"{PACKAGE}.hybrid", 25, 12),
    Stage(LONGER, f"{PACKAGE}.experiments", float("inf"), 30),
)

WARM_UP = Stage("warm_up", f"{PACKAGE}.warm_up", 40, 0)
"""Runs beside those of them that come before the first one that needs it."""
NEEDS_WARM_UP = "checks"


@dataclass(frozen=True)
class Sizes:
    """How much of everything: of a real run, or of one on a CPU that only shows that all of it works."""

    overrides: tuple[str, ...]  # of every training
    batches: tuple[int, ...]  # images a step
    step_seconds: float  # for which steps are timed
    matrix: int  # side of a matrix product
    copy_mib: int  # of a copy
    epochs: int  # of the longer training; the others have their preset's


REAL = Sizes(
    overrides=("models.encoder.pretrained=false", "trainer.devices=1"),
    batches=(4, 16),
    step_seconds=1.0,
    matrix=8192,
    copy_mib=1024,
    epochs=40,
)

DRY = Sizes(
    overrides=(
        *REAL.overrides,
        "models.encoder.name=mobilenetv3_small_100",
        "models.decoder.inner_channels=16",
        "models.decoder.output_channels=8",
        "models.head.box_thresh=0.0",
        "models.head.thresh=0.005",
        "datasets.img_size=64",
        "datasets.num_workers=1",
        "datasets.train.limit=4",
        "datasets.val.limit=2",
        "trainer.accelerator=cpu",
        "trainer.batch_size=2",
        "trainer.max_epochs=2",
    ),
    batches=(1, 2),
    step_seconds=0.0,
    matrix=128,
    copy_mib=1,
    epochs=3,
)
