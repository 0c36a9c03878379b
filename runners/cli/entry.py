"""Turn a function of a configuration into a command with Hydra's command line."""

import ctypes
import errno
import functools
import inspect
import logging
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.errors import InstantiationException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue

from baseline_code.files.shown_text import shown_text
from runners.cli.command_line import VERSION_BASE, check_inputs, check_overrides, check_run_folder
from runners.cli.exit_status import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE
from runners.cli.help_text import help_text
from runners.cli.latest import name_latest
from runners.cli.quoting import quote_overrides
from runners.cli.setting_types import read_settings
from runners.cli.settings import plain, without_calls
from runners.cli.spellings import TRAINING, UsageError, complete_overrides, settle

INSTALLED = Path(__file__).resolve().parents[1] / "configs"
CONFIG_DIR = INSTALLED if INSTALLED.is_dir() else INSTALLED.parents[1] / "configs"
"""In a checkout the settings lie at its top."""
OUR_PACKAGES = frozenset({"baseline_code", "ocr", "runners", "synthetic", "__main__"})
EXPECTED_ERRORS = (ValueError, RuntimeError, OSError)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_NOT_WRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, *_FULL)
_ELSEWHERE = "to write elsewhere: hydra.run.dir=… of a training, output=… of other commands"
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory", re.IGNORECASE)
WRITTEN = "written"
_MALLOC_OPTIONS = {-3: 1 << 30, -1: -1}  # M_MMAP_THRESHOLD: pieces up to 1 GiB; M_TRIM_THRESHOLD: never given back

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # or albumentations asks the network for a newer version

Result = TypeVar("Result")
Command = Callable[..., Result | None]
Task = Callable[[DictConfig], Result]  # what Hydra runs
_log = logging.getLogger(__name__)
_typed: list[str] = []
_checked: list[str] = []


def entry_point(config_name: str, config_dir: Path = CONFIG_DIR) -> Callable[[Callable[..., Result]], Command[Result]]:
    """Decorate a runner's `main`, whose parameters are its settings: `hydra.main` with errors that people can act on.

    Each parameter gets the setting or group of its name as a plain value, references resolved; `**others` gets those
    that have no parameter, and `written` all of them as they were written, in the form that the code reads (`settle`),
    with the values of calls (`without_calls`).

    The command exits with status 2 and one message for a command line that cannot work (unknown keys, a missing
    preset, a key in a configuration file that nothing reads, a required setting without a value), and with 1 for an
    error of the kinds that the project raises (a ValueError, say) or a file that cannot be opened. Anything else is a
    fault of the program and keeps Hydra's traceback. With HYDRA_FULL_ERROR=1 every error does. `SystemExit` passes, so
    a runner may exit with a status of its own; Ctrl-C ends it with 130. An empty folder of the run is removed. All
    flags of Hydra work (`--cfg job`, `--multirun`, …). Called with a configuration, the result is the plain function.

    Args:
        config_name: primary configuration, without `.yaml`.
        config_dir: folder of the configuration files.
    """

    def decorate(main: Callable[..., Result]) -> Command[Result]:
        task: Task[Result] = functools.partial(_call, main)
        run_hydra = hydra.main(version_base=VERSION_BASE, config_path=str(config_dir), config_name=config_name)(
            functools.wraps(main)(_with_readable_errors(task))
        )

        @functools.wraps(main)
        def command(config: DictConfig | None = None) -> Result | None:
            if config is not None:
                return task(config)
            check_command(config_name, config_dir)
            keep_freed_memory()
            run_hydra()
            return None

        return command

    return decorate


def _call(main: Callable[..., Result], config: DictConfig) -> Result:
    settled = settle(config)
    settings = resolved = plain(settled, resolve=True, complete=True)
    parameters = inspect.signature(main).parameters
    if all(one.kind is not inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
        settings = {name: settings[name] for name in parameters if name != WRITTEN}
    if WRITTEN in parameters:
        settings[WRITTEN] = without_calls(plain(settled), resolved)
    return main(**settings)


def check_command(config_name: str, config_dir: Path = CONFIG_DIR) -> None:
    """Answers `--help` and a command line that cannot work, and completes the command line for Hydra.

    A runner calls it before it imports torch, so that the answer takes a second; a second call does nothing. The
    arguments are those of `entry_point`.

    Raises:
        SystemExit: with status 0 after `--help`, 2 after a message about the command line.
    """
    if _checked == sys.argv:
        return
    try:
        _check_command_line(config_dir, config_name)
    except UsageError as error:
        if _full_errors():
            raise
        sys.stderr.write(f"{error}\n")
        raise SystemExit(EXIT_USAGE) from None


def keep_freed_memory() -> bool:
    """Lets glibc keep the memory that is freed, instead of giving it back and asking for it anew.

    A training step on a CPU takes and frees some GiB in large pieces. By default each is asked from the system, which
    zeroes all of its pages: up to a third of the step (docs/speed.md).

    Returns:
        Whether it is so now; not with another C library, or where `MALLOC_…` or `GLIBC_TUNABLES` in the environment
        say what is to be.
    """
    is_set = any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ)
    if is_set or not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(option, value) for option, value in _MALLOC_OPTIONS.items())


def typed_command() -> list[str]:
    """The runner and its arguments as they were typed; Hydra gets a longer form."""
    return list(_typed or sys.argv)


def explain(error: Exception) -> str | None:
    """What to tell people about an error.

    Returns:
        The message of an error of the expected kinds that the project's own code raised (also from within a
        data-loading worker or a constructor that Hydra called), of a file that cannot be opened, of a required
        setting without a value, of memory or a disk that does not suffice or of a loader's worker that was ended. What
        no terminal shows is escaped, and very long lines are cut. None for any other error.
    """
    message = _explain(error)
    return None if message is None else shown_text(message)


def _explain(error: Exception) -> str | None:
    if isinstance(error, MissingMandatoryValue):
        return f"{error.full_key} has no value; give {error.full_key}=…"
    if isinstance(error, InstantiationException):
        return _explain_instantiation(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}" + (f"; {_ELSEWHERE}" if error.errno in _NOT_WRITABLE else "")
    if _is_expected(error) or type(error).__module__.partition(".")[0] in OUR_PACKAGES:
        return str(error)
    return explain_environment(error)


def _with_readable_errors(task: Task[Result]) -> Task[Result]:
    def guarded(config: DictConfig) -> Result:
        try:
            return task(config)
        except KeyboardInterrupt:
            _log.warning("interrupted")
            raise SystemExit(EXIT_INTERRUPTED) from None
        except Exception as error:
            message = None if _full_errors() else explain(error)
            if message is None:
                raise
            _log.error("%s", message)
            _log.debug("Raised here:", exc_info=error)
            raise SystemExit(EXIT_USAGE if isinstance(error, MissingMandatoryValue) else EXIT_FAILED) from error
        finally:
            _remove_empty_folder()

    return guarded


def _remove_empty_folder() -> None:
    """Removes the folder that Hydra made for the run, and those above it, where nothing was written there."""
    if not HydraConfig.initialized() or OmegaConf.is_missing(HydraConfig.get().runtime, "output_dir"):
        return
    folder, here = Path(HydraConfig.get().runtime.output_dir), Path.cwd()
    with suppress(OSError):  # not empty
        if not here.is_relative_to(folder):
            folder.rmdir()
            for parent in folder.parents:
                if here not in parent.parents:
                    break
                parent.rmdir()


def _check_command_line(config_dir: Path, config_name: str) -> None:
    """Check the overrides, except where another configuration or none at all is asked for, and complete them for Hydra.

    Flags may stand between overrides: Hydra's parser wants the overrides side by side, so they are moved to the end.

    Raises:
        UsageError: for a flag or a folder of settings that does not exist; see also `check_overrides`,
            `complete_overrides` and `check_run_folder`.
    """
    parser: Any = get_args_parser()
    parser.error = _refuse
    arguments: Any = parser.parse_intermixed_args()
    if arguments.config_path or arguments.experimental_rerun or arguments.hydra_help or arguments.shell_completion:
        return
    name = arguments.config_name or config_name
    if arguments.help:
        sys.stdout.write(help_text(config_dir, name))
        raise SystemExit(0)
    settings = read_settings(config_dir, name)
    named = name_latest(config_name, arguments.overrides)
    overrides = complete_overrides(config_name, quote_overrides(named, settings, multirun=arguments.multirun))
    configs = check_overrides(config_dir, name, overrides, _own_folder(arguments.config_dir))
    if config_name in TRAINING:
        check_run_folder(overrides)
    if not (arguments.cfg or arguments.info):
        for config in configs:
            check_inputs(config, settings)
    paths = dict(zip(arguments.overrides, named, strict=True))
    _typed[:] = [paths.get(argument, argument) for argument in sys.argv]
    flags = sys.argv[1:]
    for override in arguments.overrides:
        flags.remove(override)
    sys.argv = [sys.argv[0], *flags, *overrides]
    _checked[:] = sys.argv


def _own_folder(typed: str | None) -> Path | None:
    """The folder of `--config-dir`, in which people keep presets of their own.

    Raises:
        UsageError: if it is none.
    """
    if typed is None:
        return None
    if not Path(typed).is_dir():
        raise UsageError(f"--config-dir: expected a folder like configs/, found none at {typed}")
    return Path(typed).resolve()


def _refuse(message: str) -> NoReturn:
    """What the parser of flags calls, in the place of a page about Hydra's flags."""
    raise UsageError(f"{message}; settings are typed as key=value, without dashes: --help lists them")


def explain_environment(error: Exception) -> str | None:
    """What the machine did to the command; None for any other error."""
    first = next(iter(str(error).splitlines()), "")
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _OUT_OF_MEMORY.search(str(error))):
        return (
            f"the memory does not suffice ({first or type(error).__name__}): take a smaller trainer.batch_size, "
            "img_size or datasets.num_workers"
        )
    if isinstance(error, OSError) and error.errno in _FULL:  # a write that fails does not know its file
        return f"the disk is full ({error.strerror}): make room; {_ELSEWHERE}"
    if isinstance(error, RuntimeError) and first.startswith("DataLoader worker (pid"):
        return (
            f"a worker that loads data was ended from outside ({first}): where the memory ran out, take fewer "
            "datasets.num_workers; where /dev/shm is small, datasets.num_workers=0"
        )
    return None


def _explain_instantiation(error: InstantiationException) -> str | None:
    message = _explain(error.__cause__) if isinstance(error.__cause__, Exception) else None
    setting = re.search(r"^full_key: (\S+)", str(error), flags=re.MULTILINE)
    return f"{setting.group(1)}: {message}" if message and setting else message


def _is_expected(error: Exception) -> bool:
    """Whether it is of the kinds that our code raises for people, and came from our code."""
    traceback = error.__traceback__
    if traceback is None or not isinstance(error, EXPECTED_ERRORS):
        return False
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return str(traceback.tb_frame.f_globals.get("__name__")).partition(".")[0] in OUR_PACKAGES


def _full_errors() -> bool:
    return os.environ.get("HYDRA_FULL_ERROR") == "1"
