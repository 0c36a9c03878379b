"""One command for an installed package: `dbnet detect|check`, with [train] also `train|predict|evaluate|export`."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import runpy
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from baseline_code.files.shown_text import shown_text
from runners.cli.exit_status import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE

TRAINING = {
    "train": "train a detector",
    "predict": "write prediction JSON and leaderboard CSV",
    "evaluate": "score a checkpoint on a labelled split",
    "export": "write a detector as files for other programs",
}
"""The commands of `runners/` that take `key=value`; each is what `python runners/<command>.py` is."""
NEEDED = ("hydra", "omegaconf", "torch", "pytorch_lightning", "timm", "albumentations", "safetensors", "scipy")


def main() -> None:
    """Runs the command that was typed."""
    command, *arguments = sys.argv[1:] or [""]
    completes = "_ARGCOMPLETE" in os.environ  # a shell asks how the line may go on
    if command in TRAINING and not completes:
        run_runner(command, arguments)
        return
    parser = build_parser()
    if completes:
        import argcomplete

        argcomplete.autocomplete(parser)  # answers, and ends the process
    parsed = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        status = parsed.run(parsed)
    except KeyboardInterrupt:
        status = EXIT_INTERRUPTED
    except (OSError, ValueError) as error:
        if os.environ.get("HYDRA_FULL_ERROR") == "1":  # as for the other commands
            raise
        message = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        sys.stderr.write(f"{shown_text(message)}\n")
        status = EXIT_FAILED
    sys.exit(status)


def build_parser() -> argparse.ArgumentParser:
    """The command line; what comes after `train` and its like is left to Hydra."""
    from runners import check, detect  # here: a training needs neither

    parser = argparse.ArgumentParser("dbnet", description="Detect text in images; train detectors of text.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, module, meaning in (
        ("detect", detect, "find the words in images"),
        ("check", check, "say what is installed and test it, for reports of faults"),
    ):
        own = commands.add_parser(name, help=meaning, description=f"{meaning.capitalize()}.")
        module.add_arguments(own)
        own.set_defaults(run=module.run)
    for name, meaning in TRAINING.items():
        own = commands.add_parser(name, help=f"{meaning} ([train]; dbnet {name} --help)", add_help=False)
        settings: Any = own.add_argument("settings", nargs="*", metavar="KEY=VALUE")
        settings.completer = partial(_suggest, name)
    return parser


def run_runner(command: str, arguments: Sequence[str]) -> None:
    """What `python runners/<command>.py …` does; the examples of its help begin with `dbnet`.

    Raises:
        SystemExit: with status 2 where the packages of training are not installed.
    """
    absent = [module for module in NEEDED if importlib.util.find_spec(module) is None]
    if absent:
        sys.stderr.write(
            f"dbnet {command}: expected the packages of training, not installed: {', '.join(absent)}; "
            'pip install "dbnet-training[train]"\n'
        )
        raise SystemExit(EXIT_USAGE)
    if not {"-h", "--help"}.isdisjoint(arguments):
        from runners.cli.entry import CONFIG_DIR  # here: it imports Hydra
        from runners.cli.help_text import help_text

        sys.stdout.write(help_text(CONFIG_DIR, command, f"dbnet {command}"))
        return
    script = str(Path(__file__).with_name(f"{command}.py"))
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


def _suggest(command: str, prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """What argcomplete asks of a command of a training."""
    from runners.cli.completion import suggest  # here: it imports Hydra

    return suggest(command, parsed_args.settings or (), prefix)


if __name__ == "__main__":
    main()
