"""One command: every stage in turn, within the budget, whatever happens to one of them."""

from __future__ import annotations

import importlib
import io
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from benchmarks.reference_run.machine import ROOT
from benchmarks.reference_run.plan import BUDGET, DRY, NEEDS_WARM_UP, REAL, STAGES, WARM_UP, Sizes, Stage
from benchmarks.reference_run.record import RESULTS, Record, Row

LOG = "log.txt"
PRELOADED = sorted({stage.module for stage in (*STAGES, WARM_UP)})
"""Imported once, before the stages' processes begin: importing all of it takes ten seconds, and touches no device."""
EXIT_FAILED, EXIT_INCOMPLETE = 1, 3
GRACE = 5.0
"""Seconds that a stage gets beyond its time before it is ended: those that watch the time end by themselves."""


@dataclass(frozen=True)
class Run:
    """What a stage gets."""

    stage: str
    data: Path  # the receipts, in the project's layout
    output: Path  # what comes back: a few files
    work: Path  # everything else
    dry: bool
    deadline: float = 0.0  # of `time.monotonic`

    @property
    def sizes(self) -> Sizes:
        """How much of everything."""
        return DRY if self.dry else REAL

    @property
    def record(self) -> Record:
        """What was found so far."""
        return Record(self.output / RESULTS)

    @property
    def seconds_left(self) -> float:
        """Of this stage."""
        return self.deadline - time.monotonic()

    def add(self, row: Row) -> None:
        """Keeps a row of this stage at once."""
        self.record.add(self.stage, row)

    def note(self, **facts: object) -> None:
        """Keeps facts of this stage at once."""
        self.record.note(self.stage, **facts)

    def say(self, text: str) -> None:
        """A line for people and for the log."""
        line = f"{time.strftime('%H:%M:%S')} {self.stage}: {text}\n"
        sys.stdout.write(line)
        sys.stdout.flush()
        with (self.output / LOG).open("a", encoding="utf-8") as log:
            log.write(line)


def run_all(data: Path, output: Path, *, budget: float, dry: bool, facts: Row, stages: Sequence[Stage] = STAGES) -> int:
    """Runs the stages in order, and writes `results.json` and `log.txt` as it goes.

    Args:
        data: the receipts.
        output: a folder without the results of an earlier run.
        budget: seconds for all of it.
        dry: tiny sizes on the CPU.
        facts: of the run, kept with the results.
        stages: in this order.

    Returns:
        The exit status: 0 where every stage is done, 1 where one failed, 3 where none failed but one had to be skipped
        or ended early.

    Raises:
        FileExistsError: if the folder holds the results of an earlier run.
    """
    started = time.monotonic()
    if (output / RESULTS).exists():
        raise FileExistsError(f"{output / RESULTS}: results of an earlier run; give another --output, or remove them")
    output.mkdir(parents=True, exist_ok=True)
    (output / LOG).unlink(missing_ok=True)
    work = Path(tempfile.mkdtemp(prefix="reference_run_"))
    run = Run("run", data.resolve(), output.resolve(), work, dry)
    run.record.begin({**facts, "dry_run": dry, "budget_s": budget})
    warm_up = _start(replace(run, stage=WARM_UP.name), WARM_UP.module)
    try:
        for stage in stages:
            if stage.name == NEEDS_WARM_UP:
                warm_up.join(WARM_UP.seconds)
            _carry_out(stage, run, budget / BUDGET, started + budget)
    finally:
        _end(warm_up)
        shutil.rmtree(work, ignore_errors=True)
    return _exit_status(run)


def _carry_out(stage: Stage, run: Run, stretch: float, end: float) -> None:
    """Runs one stage in its process, and notes how it ended."""
    begun = time.monotonic()
    seconds = min(stretch * stage.seconds, end - begun)
    run = replace(run, stage=stage.name, deadline=begun + seconds)
    if seconds < stretch * stage.least:
        reason = f"{seconds:.0f} s are left, it needs {stretch * stage.least:.0f}"
        run.note(status="skipped", reason=reason, seconds=0.0)
        run.say(f"skipped: {reason}")
        return
    run.say(f"begins, for at most {seconds:.0f} s")
    run.note(status="stopped", allowed_s=round(seconds, 1))
    process = _start(run, stage.module)
    try:
        process.join(seconds + GRACE)
        status = process.exitcode
    finally:
        _end(process)
    if status is None:
        run.note(reason=f"ended after its {seconds:.0f} s")
    else:
        run.note(status="failed" if status else "done")
        if status < 0:
            run.note(reason=f"ended by signal {-status}")
    run.note(seconds=round(time.monotonic() - begun, 1))
    known = run.record.stage(stage.name)
    run.say(f"{known['status']} after {known['seconds']} s" + (f": {known['reason']}" if "reason" in known else ""))


def _start(run: Run, module: str) -> multiprocessing.process.BaseProcess:
    """A process that has the libraries in memory already, and has not touched the device."""
    context = multiprocessing.get_context("forkserver")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=_enter, args=(run, module), name=run.stage)
    process.start()
    return process


def _enter(run: Run, module: str) -> None:
    """In the process: all that is printed goes to the log, and an error's last line to the results."""
    os.setsid()  # so that the processes of its loaders end with it
    multiprocessing.set_start_method("fork", force=True)  # theirs: as in a training, and in no time
    os.chdir(ROOT)
    with (run.output / LOG).open("a", encoding="utf-8") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # nothing is lost where the stage is ended
    try:
        importlib.import_module(module).measure(run)
    except BaseException as error:
        traceback.print_exc()
        if run.stage != WARM_UP.name:  # which runs beside one that writes
            run.note(reason=(str(error) or repr(error)).strip().splitlines()[0])
        _leave(1)
    _leave(0)


def _leave(status: int) -> NoReturn:
    """Without waiting for threads or loading processes that are left."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _end(process: multiprocessing.process.BaseProcess) -> None:
    """Ends it, and what it has started and left behind."""
    if process.pid is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()


def _exit_status(run: Run) -> int:
    statuses = [stage["status"] for stage in run.record.read()["stages"].values()]
    if "failed" in statuses:
        return EXIT_FAILED
    return EXIT_INCOMPLETE if set(statuses) - {"done"} else 0
