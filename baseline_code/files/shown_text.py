"""Texts, values, names, errors and times as terminals, logs and tables show them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

LONGEST = 2000

_NOT_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def shown_text(text: str, longest: int = LONGEST) -> str:
    r"""The text without what does not belong on a screen.

    Args:
        text: of any length and content.
        longest: characters of a line that are left; of a longer one the middle goes.

    Returns:
        The lines, with `\x1b` for a control character and `\udcff` for a byte that is no UTF-8.
    """
    lines = (_cut(line, longest) for line in text.split("\n"))
    return _NOT_SHOWN.sub(lambda found: ascii(found[0])[1:-1], "\n".join(lines))


def listed(names: Iterable[str], most: int = 5, between: str = ", ") -> str:
    """The first names and how many more there are: "a, b and 3 more"; "none" without any name."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (between.join(names[:most]) or "none") + more


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or what the error is where it has none."""
    return next(iter(str(error).splitlines()), repr(error))


def shorten(value: object) -> str:
    """A value as messages show it, in 60 characters at most."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
        text = f"a {type(value).__name__} too large to show"
    return text if len(text) <= 60 else f"{text[:57]}…"


def current_time() -> str:
    """Local time as tables show it, `YYYY-MM-DD hh:mm:ss`."""
    return datetime.now().isoformat(sep=" ", timespec="seconds")


def _cut(line: str, longest: int) -> str:
    half = longest // 2
    return line if len(line) <= longest else f"{line[:half]}…{line[-half:]}"
