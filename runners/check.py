"""What is installed and whether it works, for reports of faults: `dbnet check`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

from ocr.detection.loading import ENGINES, install_line, is_installed
from ocr.detection.self_test import WORD, run_self_test
from ocr.starts import SHIPPED, STARTS, StartError, find_state_file, onnx_path
from runners.cli.exit_status import EXIT_FAILED

NEEDED = ("numpy", "pillow", "pyclipper", "shapely")
OPENCV = ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless", "opencv-contrib-python")
"""Packages that write the same cv2 folder."""
TRAINING = ("pytorch-lightning", "hydra-core", "timm", "albumentations")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`check` takes none."""


def run(_: argparse.Namespace) -> int:
    """Writes versions, engines, detectors and a self-test; the status is 1 where no engine passes it."""
    _write("versions", list_versions())
    _write("engines", list_engines())
    _write("detectors", list_detectors())
    passed, rows = try_engines()
    _write(f"self-test: the word {WORD} on a page", rows)
    return 0 if passed else EXIT_FAILED


def list_versions() -> Iterator[tuple[str, str]]:
    """Of this package, of Python and the system, and of the packages that count."""
    yield "dbnet-training", _version("dbnet-training") or "not installed: runs from its folder"
    yield "Python", f"{platform.python_version()} at {sys.executable}"
    yield "system", f"{platform.platform()}, {os.cpu_count()} CPU cores"
    for name in NEEDED:
        yield name, _version(name) or "not installed"
    opencv = [f"{name} {found}" for name in OPENCV if (found := _version(name))]
    several = ", which overwrite each other: uninstall all, then install one" if len(opencv) > 1 else ""
    yield "OpenCV", f"{_attempt(_opencv_version)} ({' and '.join(opencv) or 'by no package'}){several}"
    yield "numba", _version("numba") or "not installed: loops run in NumPy"
    absent = [name for name in TRAINING if _version(name) is None]
    yield "training", f'no {", ".join(absent)}: pip install "dbnet-training[train]"' if absent else "can train"


def list_engines() -> Iterator[tuple[str, str]]:
    """What can run a network, and where."""
    places: dict[str, Callable[[], str]] = {
        "onnxruntime": _onnxruntime_places,
        "openvino": _openvino_places,
        "torch": _torch_places,
    }
    for name in ENGINES:
        yield name, _attempt(places[name]) if is_installed(name) else f"not installed: {install_line([name])}"


def list_detectors() -> Iterator[tuple[str, str]]:
    """The detectors that have names, and their files where they are here."""
    for name in (*SHIPPED, *STARTS):
        try:
            path = find_state_file(name) if name in SHIPPED else onnx_path(name)
            yield name, str(path)
        except StartError as error:
            yield name, str(error)


def try_engines() -> tuple[bool, list[tuple[str, str]]]:
    """Whether an engine passes the self-test, and what each of them makes of it."""
    passed, rows = False, []
    for name in filter(is_installed, ENGINES):
        try:
            test = run_self_test(name)
        except Exception as error:  # an engine's libraries may raise anything; the report shall say it
            rows.append((name, f"failed: {error!r}"))
            continue
        passed = passed or test.passed
        verdict = "passed" if test.passed else "failed"
        found = f"words found: {test.words}, overlap {test.overlap:.2f}, {1000 * test.seconds:.0f} ms on {test.device}"
        rows.append((name, f"{verdict}: {found}"))
    return passed, rows or [("no engine", install_line(list(ENGINES)))]


def _onnxruntime_places() -> str:
    import onnxruntime

    providers = (name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers())
    return f"{onnxruntime.__version__} on {', '.join(providers)}"


def _openvino_places() -> str:
    import openvino

    return f"{openvino.__version__} on {', '.join(openvino.Core().available_devices)}"


def _torch_places() -> str:
    import torch

    cuda = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return f"{torch.__version__} on {', '.join([*cuda, 'CPU'])}"


def _opencv_version() -> str:
    import cv2

    return cv2.__version__


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _attempt(describe: Callable[[], str]) -> str:
    """What it says, or the error of a library that cannot be loaded."""
    try:
        return describe()
    except Exception as error:
        return f"cannot be used: {error!r}"


def _write(title: str, rows: Iterable[tuple[str, str]]) -> None:
    sys.stdout.write(f"{title}\n")
    for name, text in rows:
        sys.stdout.write(f"  {name:<16}{text}\n")
    sys.stdout.flush()
