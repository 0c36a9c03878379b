"""What the machine is, and how fast it multiplies and copies: the ceilings of everything else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from importlib.metadata import version

import torch

from benchmarks.reference_run.machine import MIB
from benchmarks.reference_run.run import Run
from benchmarks.reference_run.timing import median_seconds
from benchmarks.report import describe_machine

VERSIONS = ("torchvision", "timm", "pytorch-lightning", "torchmetrics", "albumentations", "shapely")
PRODUCTS = {"bf16": torch.bfloat16, "TF32": torch.float32, "fp32": torch.float32}


def measure(run: Run) -> None:
    """Facts of the machine, then a row for each rate."""
    device = torch.device("cpu" if run.dry else "cuda")
    run.note(machine=describe(device))
    for name, dtype in PRODUCTS.items():
        rate = multiply(run.sizes.matrix, dtype, device, name)
        run.add({"what": f"matrix product, {name}", "rate": rate, "unit": "TFLOP/s"})
    for name, rate in copy_rates(run.sizes.copy_mib * MIB, device).items():
        run.add({"what": name, "rate": rate, "unit": "GB/s"})


def describe(device: torch.device) -> Mapping[str, str | int | float]:
    """Processor, device, driver and versions."""
    facts: dict[str, str | int | float] = {**describe_machine(), **{name: version(name) for name in VERSIONS}}
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        facts |= {
            "device": properties.name,
            "device memory GiB": round(properties.total_memory / 2**30, 1),
            "multiprocessors": properties.multi_processor_count,
            "driver": _driver(),
            "cuda": str(torch.version.cuda),
            "cudnn": int(torch.backends.cudnn.version() or 0),  # type: ignore[no-untyped-call]
        }
    return facts


def _driver() -> str:
    if shutil.which("nvidia-smi") is None:
        return "unknown"
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or ["unknown"])[0].strip()


def multiply(side: int, dtype: torch.dtype, device: torch.device, precision: str) -> float:
    """TFLOP/s of a product of two square matrices of random numbers."""
    torch.set_float32_matmul_precision("high" if precision == "TF32" else "highest")
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    seconds = median_seconds(lambda: left @ right, device)
    return 2 * side**3 / seconds / 1e12


def copy_rates(size: int, device: torch.device) -> dict[str, float]:
    """GB/s of copies of so many bytes; within the device what is read and what is written counts."""
    on_device, pageable = torch.empty(size, dtype=torch.uint8, device=device), torch.empty(size, dtype=torch.uint8)
    other = torch.empty_like(on_device)
    pinned = torch.empty(size, dtype=torch.uint8, pin_memory=device.type == "cuda")
    copies: dict[str, Callable[[], object]] = {
        "host to device, page-locked": lambda: on_device.copy_(pinned, non_blocking=True),
        "host to device, pageable": lambda: on_device.copy_(pageable),
        "device to host, page-locked": lambda: pinned.copy_(on_device, non_blocking=True),
    }
    rates = {name: size / median_seconds(copy, device) / 1e9 for name, copy in copies.items()}
    return {"within the device": 2 * size / median_seconds(lambda: other.copy_(on_device), device) / 1e9, **rates}
