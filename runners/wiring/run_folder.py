"""The folder of a training: claimed by one command, with its settings and log, and gone again where nothing started."""

from __future__ import annotations

import logging
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from types import FrameType
from typing import cast

import pytorch_lightning as pl
from filelock import FileLock, Timeout
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, read_write

from baseline_code.files.atomic import remove_leftovers, write_text_atomic
from baseline_code.training.processes import is_first_process
from runners.cli.exit_status import EXIT_TERMINATED
from runners.cli.settings import Group

LOCK = ".training.lock"
RECORD = ".hydra"  # the settings of a training that started
_WAIT = 6.0  # seconds for loader workers of a killed training, which may hold its lock as well, to see that it ended

log = logging.getLogger(__name__)


@contextmanager
def claimed_run(nodes: int = 1) -> Iterator[Path]:
    """The folder of the run that Hydra names, or the next free one where nobody typed it.

    No other command trains in it meanwhile. What this one writes before its training starts is removed again where it
    never does. SIGTERM ends the preparation with status 143.

    Args:
        nodes: machines of the training, of which the first one claims the folder.

    Raises:
        ValueError: if another process trains in a folder that was typed.
    """
    named = Path(HydraConfig.get().runtime.output_dir)
    if not is_first_process(nodes):
        yield named
        return
    with _ended_by_sigterm() as exit_now:
        folder, lock = _claim(named)
        was_empty = {path.name for path in folder.iterdir()} <= {LOCK}
        try:
            exit_now()
            _remove_leftovers(folder)
            with log_file(folder):
                yield folder
        finally:
            if was_empty and not (folder / RECORD).exists():
                shutil.rmtree(folder, ignore_errors=True)
            lock.release()


@contextmanager
def log_file(folder: Path) -> Iterator[None]:
    """Also writes what is logged to `<folder>/<command>.log`, with the traceback of an error that ends it.

    A log that this command began is removed again where no training started. What a full disk does not take is missing.
    """
    path = folder / f"{HydraConfig.get().job.name}.log"
    is_new = not path.exists()
    handler = _LogFile(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("[%(asctime)s][%(name)s][%(levelname)s] - %(message)s"))
    logging.getLogger().addHandler(handler)
    try:
        yield
    except Exception as error:
        fault = (type(error), error, error.__traceback__)
        handler.handle(log.makeRecord(log.name, logging.ERROR, __file__, 0, "%s", (error,), fault))
        raise
    finally:
        logging.getLogger().removeHandler(handler)
        with suppress(OSError):  # a full disk: the error that ended the command is the one to be told
            handler.close()
        if is_new and not (folder / RECORD).exists():
            path.unlink(missing_ok=True)


class _LogFile(logging.FileHandler):
    """A log of lines that are on the console as well."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Leaves the line out, where logging prints a traceback."""


@contextmanager
def held(folder: Path, nodes: int = 1) -> Iterator[None]:
    """Holds a folder against other commands; the lock goes with the process, however it ends.

    What a killed process left half written is removed.

    Args:
        folder: of a training.
        nodes: its machines, of which the first one holds the folder.

    Raises:
        ValueError: if another process trains there.
    """
    if not is_first_process(nodes):
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    lock = _acquire(folder, _WAIT)
    if lock is None:
        raise ValueError(f"{folder} is being trained by another process: wait for it, or end it")
    try:
        _remove_leftovers(folder)
        yield
    finally:
        lock.release()


class RunRecord(pl.Callback):
    """Writes the settings of a training beside it once it starts: a refused command leaves earlier ones alone."""

    def __init__(self, folder: Path, written: Group) -> None:
        self.folder = folder
        self.written = written

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes `config.yaml`, `hydra.yaml` and `overrides.yaml`, as Hydra does."""
        if trainer.is_global_zero:
            write_record(self.folder, self.written)


def write_record(folder: Path, written: Group) -> None:
    """Writes the settings of a command as Hydra does."""
    hydra = HydraConfig.get()
    contents = {"config": written, "hydra": OmegaConf.create({"hydra": hydra}), "overrides": hydra.overrides.task}
    for name, content in contents.items():
        write_text_atomic(folder / RECORD / f"{name}.yaml", OmegaConf.to_yaml(content))


def _claim(named: Path) -> tuple[Path, FileLock]:
    """A folder and its lock; Hydra then knows the folder, too."""
    hydra = HydraConfig.get()
    typed = any(str(override).startswith(("hydra.run.dir=", "hydra.sweep.dir=")) for override in hydra.overrides.hydra)
    for folder in chain([named], (named.with_name(f"{named.name}_{number}") for number in count(2))):
        folder.mkdir(parents=True, exist_ok=True)
        lock = _acquire(folder, _WAIT if typed else 0)
        if lock is None and typed:
            raise ValueError(
                f"{folder} is being trained by another process: wait for it, or choose another hydra.run.dir"
            )
        if lock is None:
            continue
        if not typed and (folder / RECORD).exists():
            lock.release()
            continue
        if folder != named:
            _pass_to_hydra(folder)
            log.info("%s is taken: this training lies in %s", named, folder)
        return folder, lock
    raise RuntimeError("expected a free folder")


def _remove_leftovers(folder: Path) -> None:
    for place in (folder, folder / "checkpoints"):
        remove_leftovers(place)


def _acquire(folder: Path, wait: float) -> FileLock | None:
    lock = FileLock(folder / LOCK, is_singleton=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if wait <= 0:
            return None
        log.info("%s is held by another process: waiting up to %d s for it", folder, wait)
        try:
            lock.acquire(timeout=wait)
        except Timeout:
            return None
    return lock


def _pass_to_hydra(folder: Path) -> None:
    """Processes for further devices are started with the folder that Hydra names."""
    hydra = cast(DictConfig, HydraConfig.instance().cfg).hydra
    with read_write(hydra.runtime), read_write(hydra.run):
        hydra.runtime.output_dir = str(folder.absolute())
        if hydra.mode != RunMode.MULTIRUN:
            hydra.run.dir = str(folder)


@contextmanager
def _ended_by_sigterm() -> Iterator[Callable[[], None]]:
    """Lets SIGTERM end this process by SystemExit, so that what was begun is cleared away.

    Lightning's handler, which calls the one before it, ends a training after its step: then this one does nothing.

    Yields:
        What is called where clearing away has been seen to. A signal that came before ends the process there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    waits, came = True, False

    def end(signum: int, frame: FrameType | None) -> None:
        nonlocal came
        came = True
        if not waits and signal.getsignal(signum) is end:
            raise SystemExit(EXIT_TERMINATED)

    def exit_now() -> None:
        nonlocal waits
        waits = False
        if came:
            raise SystemExit(EXIT_TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield exit_now
    finally:
        with suppress(TypeError):  # a handler that was not set from Python
            signal.signal(signal.SIGTERM, before)
