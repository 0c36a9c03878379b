"""A training step and what each option does to it; with `--data`, how long a training waits for its data.

A step is the network, the loss, the gradients, their clipping and the optimiser, on generated receipts that lie on the
device. With `--data`, Lightning trains on receipts in JPEG files as `runners/train.py` does, and the host waits for the
device after each step, so that waiting for data is time in which the device has nothing to do.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from pytorch_lightning.callbacks import TQDMProgressBar

from baseline_code.training.callbacks import EpochLine
from benchmarks.report import Row, argument_parser, publish, time_in_turn, use_one_thread
from benchmarks.scenes import REGIONS, SIDE, write_receipts
from benchmarks.training_step import compose_preset, make_batch, make_step
from runners.wiring.trainers import build_trainer
from runners.wiring.training import build_datamodule, build_module
from synthetic.receipts import generate_receipt

ON_CUDA = torch.cuda.is_available()
OPTIONS = {
    "channels last, fused optimiser": [],
    "without channels last": ["models.channels_last=false"],
    "without fused optimiser": ["models.optimizer.fused=false"],
    "bf16": ["trainer.precision=bf16-mixed"],
}
COMPILED = {"compiled": ["models.compile=true"], "bf16, compiled": ["models.compile=true", *OPTIONS["bf16"]]}
RECEIPTS = 32
"""Different images on the disk for `--data`; more names lead to the same ones."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Time the steps of each batch size, and trainings where they are asked for."""
    options = parse(arguments)
    use_one_thread()
    rows: list[Row] = []
    for batch_size in options.batch:
        rows += time_options(options, batch_size)
    title = f"Training step, {options.preset} at {options.size} px"
    note = "one thread of torch; memory: of a step, without weights and optimiser"
    if options.data:
        with TemporaryDirectory() as folder:
            numbers = range(min(RECEIPTS, options.images))
            receipts = [generate_receipt(7, number, width=SIDE, height=SIDE, regions=REGIONS) for number in numbers]
            write_receipts(Path(folder), "train", receipts, options.images)
            rows += [train(options, batch_size, Path(folder)) for batch_size in options.batch]
    publish(title, rows, options.json, note=note)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; defaults are those that the machine can bear."""
    parser = argument_parser(__doc__, rounds=21)
    preset, size, batch = ("resnet50_unet_1024", 1024, [4, 16]) if ON_CUDA else ("resnet18_unet_640", 320, [2])
    add = parser.add_argument
    add("--preset", default=preset, help="whose network and optimiser (default here: %(default)s)")
    add("--size", type=int, default=size, help="side of the images, px (default here: %(default)s)")
    add("--batch", type=int, nargs="+", default=batch, help="images per step (default here: %(default)s)")
    add("--compile", action=argparse.BooleanOptionalAction, default=ON_CUDA, help="also compiled: takes minutes")
    add("--data", action=argparse.BooleanOptionalAction, default=ON_CUDA, help="also train from files")
    add("--images", type=int, default=640, help="images per epoch of --data (default: %(default)s)")
    add("--workers", type=int, default=os.cpu_count(), help="loading processes of --data (default here: %(default)s)")
    return parser.parse_args(arguments)


def time_options(options: argparse.Namespace, batch_size: int) -> list[Row]:
    """A row for each option."""
    batch = make_batch(batch_size, options.size).to("cuda" if ON_CUDA else "cpu")
    settings = {**OPTIONS, **(COMPILED if options.compile else {})}
    steps = {
        name: waited_for(make_step(compose_preset(options.preset, *overrides), batch))
        for name, overrides in settings.items()
    }
    rows: list[Row] = []
    for name, timing in time_in_turn(steps, options.rounds).items():
        row: Row = {"step": f"batch {batch_size}, {name}", "median ms": timing.median, "fastest ms": timing.fastest}
        rows.append({**row, "images/s": 1e3 * batch_size / timing.median, **measure_memory(steps[name])})
    return rows


def waited_for(step: Callable[[], None]) -> Callable[[], None]:
    """The step, ended when the device has done it."""

    def whole() -> None:
        step()
        if ON_CUDA:
            torch.cuda.synchronize()

    return whole


def measure_memory(step: Callable[[], None]) -> Row:
    """What a step takes at its peak, MiB; nothing on CPUs."""
    if not ON_CUDA:
        return {}
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    step()
    return {"memory MiB": (torch.cuda.max_memory_allocated() - before) / 2**20}


def train(options: argparse.Namespace, batch_size: int, root: Path) -> Row:
    """The second epoch of a training, when workers and memory are warm."""
    settings = compose_preset(
        options.preset,
        f"datasets.root={root}",
        f"datasets.img_size={options.size}",
        f"datasets.num_workers={options.workers}",
        "datasets.val.split=train",
        "datasets.allow_leak=true",
        f"trainer.batch_size={batch_size}",
        "trainer.max_epochs=2",
        "trainer.limit_val_batches=0",
        "trainer.devices=1",
        *(OPTIONS["bf16"] if ON_CUDA else []),
    )
    clock = EpochLine(log_every_n_steps=1)  # waits for the device after each step
    trainer = build_trainer(settings, root, [clock, TQDMProgressBar(refresh_rate=0)])
    trainer.fit(build_module(settings), build_datamodule(settings))
    milliseconds = 1e3 * batch_size / clock.images_per_second
    return {
        "step": f"batch {batch_size}, {settings.trainer['precision']}, from files, {options.workers} workers",
        "median ms": milliseconds,
        "images/s": clock.images_per_second,
        "waiting for data %": 100 * clock.waiting,
    }


if __name__ == "__main__":
    main()
