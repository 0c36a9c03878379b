"""Commands with subcommands and arguments by position, on top of Hydra's `key=value`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from runners.cli.entry import EXIT_USAGE
from runners.cli.quoting import quoted
from runners.cli.spellings import UsageError

_SETTING = re.compile(r"[+~]{0,2}[A-Za-z_][\w.]*=")  # a path with a `/` before its `=` is none
_FLAGS_WITH_VALUE = ("--cfg", "-c", "--package", "-p")


class Subcommand:
    """A runner's function and the settings that it takes by position.

    Args:
        run: an entry point.
        positional: names of the settings, in order.
    """

    def __init__(self, run: Callable[[], object], *positional: str) -> None:
        self.run = run
        self.positional = positional


def run_subcommand(subcommands: Mapping[str, Subcommand]) -> None:
    """Runs the subcommand that the command line starts with; status 2 and a message where it cannot."""
    try:
        name, arguments = translate(sys.argv[1:], subcommands)
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(EXIT_USAGE) from None
    sys.argv = [sys.argv[0], *arguments]
    subcommands[name].run()


def translate(arguments: Sequence[str], subcommands: Mapping[str, Subcommand]) -> tuple[str, list[str]]:
    """Names the arguments that were given by position, quoted as Hydra reads them.

    Args:
        arguments: as typed, e.g. `["add", "submissions/a b", "note=best"]`; those that start with `-` are Hydra's.
        subcommands: by name.

    Returns:
        The subcommand's name, and its arguments, e.g. `["submission='submissions/a b'", "note=best"]`.

    Raises:
        UsageError: for a missing or unknown subcommand, or more arguments than it takes.
    """
    if not arguments or arguments[0] not in subcommands:
        got = repr(arguments[0]) if arguments else "nothing"
        raise UsageError(f"expected one of {', '.join(map(usage, subcommands.items()))}; got {got}")
    name = arguments[0]
    names = list(subcommands[name].positional)
    translated = []
    for before, argument in pairwise(arguments):
        if argument.startswith("-") or before in _FLAGS_WITH_VALUE or _SETTING.match(argument):
            translated.append(argument)
        elif names:
            translated.append(f"{names.pop(0)}={quoted(argument)}")
        else:
            raise UsageError(f"expected {usage((name, subcommands[name]))}, got {argument!r} beyond that")
    return name, translated


def usage(item: tuple[str, Subcommand]) -> str:
    """E.g. `compare <first> <second> [key=value …]`."""
    name, subcommand = item
    return " ".join([name, *(f"<{setting}>" for setting in subcommand.positional), "[key=value …]"])
