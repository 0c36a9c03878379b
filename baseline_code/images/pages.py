"""How many pages or frames an image file holds; only the first is ever read."""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO

from PIL import Image

PAGED = frozenset({"TIFF", "GIF"})
"""Formats whose further images are documents' pages or frames; others hold thumbnails, depths or animations."""
MOST_COUNTED = 1000
_SUBFILE_TAG = 254
_NO_PAGE = 0b101  # bits of the tag: a smaller copy of another page, a transparency mask


def count_pages(file: BinaryIO, kind: str) -> int:
    """Counts pages by their headers; no pixel is decoded.

    Args:
        file: the file, whose position is changed.
        kind: its format, as Pillow names it.

    Returns:
        At least 1, at most `MOST_COUNTED`; 1 for a format that is none of `PAGED`. Smaller copies and masks of TIFF are
        no pages, and what follows a damaged page is not counted.
    """
    if kind not in PAGED:
        return 1
    pages = 0
    with suppress(Exception):  # EOFError behind the last page, anything for broken bytes
        file.seek(0)
        image = Image.open(file, formats=(kind,))
        if kind == "GIF":
            return min(getattr(image, "n_frames", 1), MOST_COUNTED)
        for number in range(MOST_COUNTED):
            image.seek(number)
            pages += not getattr(image, "tag_v2", {}).get(_SUBFILE_TAG, 0) & _NO_PAGE
    return max(pages, 1)
