"""The images in a folder, and what else is in it."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from baseline_code.files.shown_text import listed
from baseline_code.images.formats import ENDINGS, SNIFFED_BYTES, image_format, is_image_name, unreadable_reason
from baseline_code.images.reading import ImageReadError, open_image
from baseline_code.images.reading_warnings import warn_of_pages_in

_PAGED = (".tif", ".tiff", ".gif")

log = logging.getLogger(__name__)

HIDDEN = (".", "__MACOSX")
"""Files and folders that systems put there for themselves: macOS' `._a.jpg`, for one, is no image."""


class ImageListing(NamedTuple):
    """What a folder holds; hidden files and folders are not looked at."""

    names: list[str]  # of the images, below the folder, with forward slashes, sorted
    left_out: dict[str, list[str]]  # names of other files by the reason why they were left out
    folders: list[str]  # sub-folders that were not looked into

    def describe_left_out(self) -> str | None:
        """One line that counts and names what was left out, for people; None where nothing was."""
        parts = []
        if self.left_out:
            count = sum(map(len, self.left_out.values()))
            kinds = (f"{len(names)} ({reason}): {listed(names)}" for reason, names in self.left_out.items())
            parts.append(f"{count} files left out: {'; '.join(kinds)}")
        if self.folders:
            parts.append(
                f"{len(self.folders)} sub-folders not looked into (recursive=true does): {listed(self.folders)}"
            )
        return "; ".join(parts) or None


def images_to_predict(folder: Path, *, recursive: bool = False) -> list[str]:
    """The names of the images in a folder, as `list_images` finds them.

    Warnings count and name what else is there, and the files that hold further pages.

    Raises:
        ValueError: if there is none.
    """
    listing = list_images(folder, recursive=recursive)
    left_out = listing.describe_left_out()
    if not listing.names:
        found = f"found none; {left_out}" if left_out else "found none"
        raise ValueError(f"expected images (.jpg, .png, …) in {folder}, {found}")
    if left_out:
        log.warning("%s: %s", folder, left_out)
    paged = [name for name in listing.names if name.lower().endswith(_PAGED)]
    warn_of_pages_in(folder, {name: _count_pages(folder / name) for name in paged})
    return listing.names


def find_images(folder: Path) -> list[Path]:
    """All files below a folder whose names end like an image's, in the order of their paths.

    Hidden files, and those in hidden folders below it, are left out.
    """
    found = (path for path in folder.rglob("*") if is_image_name(path.name) and path.is_file())
    return sorted(path for path in found if not any(part.startswith(HIDDEN) for part in path.relative_to(folder).parts))


def list_images(folder: Path, *, recursive: bool = False) -> ImageListing:
    """Find the images in a folder: files with an image's ending, and others whose first bytes are an image's.

    Args:
        folder: where to look.
        recursive: whether to look into its sub-folders too; links to folders are not followed.

    Raises:
        OSError: if the folder cannot be read.
    """
    names: list[str] = []
    left_out: defaultdict[str, list[str]] = defaultdict(list)
    folders: list[str] = []
    for place, below, files in os.walk(folder, onerror=_raise):
        below[:] = sorted(name for name in below if not name.startswith(HIDDEN))
        relative = Path(place).relative_to(folder)
        for file in files:
            if file.startswith(HIDDEN):
                continue
            name = (relative / file).as_posix()
            reason = _reason_to_leave_out(Path(place) / file)
            if reason is None:
                names.append(name)
            else:
                left_out[reason].append(name)
        if not recursive:
            folders = below[:]
            below.clear()
    return ImageListing(sorted(names), {reason: sorted(files) for reason, files in left_out.items()}, folders)


def _reason_to_leave_out(path: Path) -> str | None:
    """Why a file is no image to read, in words; None where it is one, or says so by its ending."""
    start = _start(path)
    kind = image_format(start) if start is not None else None
    if kind is not None:
        return unreadable_reason(kind)
    if path.suffix.lower() in ENDINGS:
        return None  # the reader says what is wrong with it
    return unreadable_reason(None) if start is not None else "no readable file"


def _count_pages(path: Path) -> int:
    try:
        with open_image(path) as image:
            return image.count_pages()
    except ImageReadError:
        return 1  # said where it is decoded


def _start(path: Path) -> bytes | None:
    """The first bytes of a regular file; None of anything else (a pipe would block)."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(SNIFFED_BYTES)
    except OSError:
        return None


def _raise(error: OSError) -> None:
    raise error
