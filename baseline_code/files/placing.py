"""Files put in a second place, by a link or a copy, without a change to the first and without replacing anything."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from baseline_code.files.shown_text import listed

Way = Literal["auto", "link", "copy"]


def check_places(pairs: Iterable[tuple[Path, Path]]) -> None:
    """Makes sure that placing replaces nothing.

    Args:
        pairs: file, and where it is to be as well.

    Raises:
        FileExistsError: naming places that hold something else.
    """
    taken = [str(target) for source, target in pairs if os.path.lexists(target) and not _same(source, target)]
    if taken:
        raise FileExistsError(f"{listed(taken)}: another file is there already; choose another output=")


def place_file(source: Path, target: Path, way: Way) -> str:
    """Puts a file in a second place.

    Args:
        source: stays as it is.
        target: where to; the same file there is left alone.
        way: `copy`; `link`, a hard link (which costs no space and outlives the source's name) or, across disks, a
            symbolic one; `auto`, a hard link or, across disks, a copy.

    Returns:
        What was done: "was there", "linked" or "copied".

    Raises:
        OSError: if it cannot be written.
    """
    if os.path.lexists(target):
        return "was there"
    source = source.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    if way != "copy":
        try:
            os.link(source, target)
        except OSError:
            if way == "link":
                target.symlink_to(source)
        if os.path.lexists(target):
            return "linked"
    try:
        shutil.copy2(source, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return "copied"


def _same(source: Path, target: Path) -> bool:
    return target.is_file() and filecmp.cmp(source, target, shallow=False)
