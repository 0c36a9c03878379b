"""Warnings of what an image loses when it is read, once for each file and process."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from baseline_code.files.shown_text import listed
from baseline_code.images.pages import MOST_COUNTED

log = logging.getLogger(__name__)

ONE_BY_ONE = 20
"""So many files get a line of their own; a data set of such files would fill the log."""
DARK_BITS = 12
"""Samples of 16 bits of which none needs more than these become nearly black."""
_CAMERA_BITS = (8, 10, DARK_BITS)
_FIRST_ONLY = "only the first is read: save each as an image file of its own"
_warned: defaultdict[str, set[Path]] = defaultdict(set)  # files that have a line of their own, by what it says
_counted: set[Path] = set()  # files in a line that counts pages


def warn_of_pages(image: Path | str, pages: int) -> None:
    """Says that an image file holds pages that are not read, if it does.

    Args:
        image: the file; what is no path is another image each time, whatever its name.
        pages: how many it holds.
    """
    if pages > 1 and image not in _counted:
        _warn_once("pages", image, f"holds {_number(pages)} pages or frames; {_FIRST_ONLY}")


def warn_of_pages_in(folder: Path, pages: Mapping[str, int]) -> None:
    """Says of which files of a folder pages are not read, in one line; `warn_of_pages` is silent about them then.

    Args:
        folder: where they are.
        pages: how many each file holds, by its name below the folder.
    """
    several = {name: number for name, number in pages.items() if number > 1}
    if several:
        names = listed(f"{name} ({_number(number)})" for name, number in several.items())
        log.warning(
            "%s: %d files hold several pages or frames, of which %s: %s", *(folder, len(several), _FIRST_ONLY, names)
        )
        _counted.update(folder / name for name in several)


def warn_of_dark_samples(image: Path | str, most: int) -> None:
    """Says that an image of 16 bits becomes nearly black, if it does: many cameras' samples have fewer bits.

    Samples are not scaled by what they are, for all images of a data set must be read alike.

    Args:
        image: as for `warn_of_pages`.
        most: no sample is above it.
    """
    if most < 2**DARK_BITS:
        bits = next(bits for bits in _CAMERA_BITS if most < 2**bits)
        _warn_once(
            "dark samples",
            image,
            f"expected samples of 16 bits, up to 65535, got none above {most}, which is read as nearly black; "
            f"if they have {bits} bits, multiply them by {2 ** (16 - bits)}",
        )


def _warn_once(kind: str, image: Path | str, message: str) -> None:
    warned = _warned[kind]
    if isinstance(image, Path):
        if image in warned or len(warned) == ONE_BY_ONE:
            return
        warned.add(image)
        if len(warned) == ONE_BY_ONE:
            message += "; further files like it are not named"
    log.warning("%s: %s", image, message)


def _number(pages: int) -> str:
    return f"{pages} or more" if pages == MOST_COUNTED else str(pages)
