"""Training steps of each preset: images per second, memory, and how much of the device's rate they use."""

from __future__ import annotations

import gc
from itertools import product

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.reference_run.plan import FIRST, PRESETS
from benchmarks.reference_run.run import Run
from benchmarks.reference_run.timing import seconds_per_call
from benchmarks.training_step import compose_preset, make_batch, make_step, run_backward
from ocr.datasets.batch import DetectionBatch
from runners.cli.settings import Settings
from runners.wiring.kernels import tries_kernels, use_matmul_precision
from runners.wiring.training import build_module

PRECISIONS = {"TF32": "32-true", "bf16": "bf16-mixed"}
COMPILER_SECONDS = 45.0
"""What compiling may take: it is left out where less is left."""


def measure(run: Run) -> None:
    """A row for each preset, batch size and precision; then one compiled."""
    for preset in PRESETS:
        settings = compose_preset(preset, *run.sizes.overrides)
        batch = make_batch(max(run.sizes.batches), settings.datasets["img_size"])
        flops = count_flops(settings, first(batch, 1))
        for size, precision in product(run.sizes.batches, PRECISIONS):
            time_step(run, preset, first(batch, size), precision, flops)
        if preset == FIRST:
            compiled = first(batch, max(run.sizes.batches))
            flops_of_compiled = flops
    if not run.dry and run.seconds_left < COMPILER_SECONDS:
        run.note(left_out=f"compiled: {run.seconds_left:.0f} s were left, it needs {COMPILER_SECONDS:.0f}")
        return
    if run.dry:
        torch.compiler.set_stance("force_eager")
    time_step(run, FIRST, compiled, "bf16", flops_of_compiled, compiled=True)


def first(batch: DetectionBatch, size: int) -> DetectionBatch:
    """The first images of a batch."""
    targets = batch.targets.moved(lambda tensor: tensor[:size])
    return DetectionBatch(batch.images[:size], targets, batch.records[:size])


def count_flops(settings: Settings, batch: DetectionBatch) -> float:
    """Operations of the forward and backward pass of one image, counted on tensors without memory."""
    with torch.device("meta"):
        module = build_module(settings)
    with FlopCounterMode(display=False) as counter:
        run_backward(module.to("meta"), settings, batch.to("meta"))
    return float(counter.get_total_flops())


def time_step(
    run: Run, preset: str, batch: DetectionBatch, precision: str, flops: float, *, compiled: bool = False
) -> None:
    """Adds a row; where the device's memory does not suffice, one that says so."""
    overrides = [f"trainer.precision={PRECISIONS[precision]}", f"models.compile={str(compiled).lower()}"]
    settings = compose_preset(preset, *run.sizes.overrides, *overrides)
    size = len(batch.images)
    row: dict[str, str | int | float | bool] = {
        "preset": preset,
        "batch": size,
        "precision": precision,
        "compiled": compiled,
        "gflop_per_image": flops / 1e9,
    }
    device = torch.device("cpu" if run.dry else "cuda")
    use_matmul_precision(settings.trainer["float32_matmul_precision"])
    torch.backends.cudnn.benchmark = tries_kernels(settings) or settings.datasets["padding"] == "multiple"  # one shape
    try:
        seconds, memory = _time(settings, batch, device, run.sizes.step_seconds)
    except torch.OutOfMemoryError:
        run.add({**row, "note": "out of memory"})
    else:
        rate = flops * size / seconds / 1e12
        run.add({**row, "images_per_s": size / seconds, "step_ms": 1e3 * seconds, "tflops": rate, **memory})
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def _time(
    settings: Settings, batch: DetectionBatch, device: torch.device, seconds: float
) -> tuple[float, dict[str, float]]:
    """Seconds a step, and the peak of memory in GiB, weights and optimiser included."""
    step = make_step(settings, batch.to(device))
    if device.type != "cuda":
        return seconds_per_call(step, device, seconds), {}
    torch.cuda.reset_peak_memory_stats()
    duration = seconds_per_call(step, device, seconds)
    return duration, {"peak_gib": torch.cuda.max_memory_allocated() / 2**30}
