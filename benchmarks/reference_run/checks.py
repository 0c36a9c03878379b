"""The tests of what a device computes, run where there is one; without one those of them that a CPU can run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.reference_run.machine import ROOT
from benchmarks.reference_run.run import Run

DEVICES = ROOT / "tests" / "lightning_modules" / "devices"
MARK = "pytest.mark.gpu"


class Outcomes:
    """Keeps each test's outcome as soon as it is known; the slow ones come last."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Compilers take long."""
        items.sort(key=lambda item: "compiled" in item.name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The call, or a set-up that failed or skipped."""
        if report.when != "call" and report.passed:
            return
        name = report.nodeid.rpartition("/")[2]
        self.run.add({"test": name, "outcome": report.outcome, "seconds": round(report.duration, 2)})


def measure(run: Run) -> None:
    """Runs them.

    Raises:
        RuntimeError: naming those that failed.
    """
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # what deterministic matrix products need
    chosen = "not gpu and not slow" if run.dry else "gpu"
    files = [str(file) for file in ([DEVICES] if run.dry else files_with_mark())]
    options = [f"--rootdir={ROOT}", "-q", "-p", "no:cacheprovider", f"--basetemp={run.work / 'checks'}", "-m", chosen]
    status = pytest.main([*options, *files], plugins=[Outcomes(run)])
    rows = run.record.rows(run.stage)
    if failed := [row["test"] for row in rows if row["outcome"] == "failed"]:
        raise RuntimeError(f"{len(failed)} of {len(rows)} failed: {failed}")
    if status != pytest.ExitCode.OK:
        raise RuntimeError(f"expected the tests to run, pytest ended with {status!r}: see the log")


def files_with_mark() -> list[Path]:
    """Test files that have tests for a device, and those of the folder where all are."""
    return sorted(
        file
        for file in (ROOT / "tests").rglob("test_*.py")
        if MARK in file.read_text(encoding="utf-8") or file.parent.name == DEVICES.name
    )
