"""Checks of a CSV before it is submitted."""

import logging
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from baseline_code.files.names import same_name
from ocr.annotations.fields import MAX_POINTS, MIN_POINTS
from ocr.geometry.polygons import Polygon
from ocr.submission.leaderboard import HEADER, MAX_POLYGONS, SubmissionError, read_rows

_LOGGER = logging.getLogger(__name__)
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FEW_IMAGES = 3  # of fewer images the words may all be in one corner


def validate_submission(
    path: str | os.PathLike[str],
    filenames: Sequence[str],
    sizes: Mapping[str, tuple[int, int]] | None = None,
) -> list[str]:
    """List everything that is wrong with a submission.

    Rows count from 1, the header's. Windows line ends are fine. An image may have no polygon; a file without any is a
    fault, whatever the labels hold. A polygon that crosses itself is allowed by the leaderboard: it is named in a
    logged warning, not among the faults.

    Args:
        path: the CSV file.
        filenames: every image of the set, in the order of its annotation file.
        sizes: (width, height) by file name, px as displayed; without a size only negative coordinates count as outside.

    Returns:
        A sentence for each fault, with its row; empty where the file may be submitted.
    """
    path = Path(path)
    filenames = list(dict.fromkeys(filenames))
    try:
        rows = read_rows(path)
        marked = path.read_bytes().startswith(_BYTE_ORDER_MARK)
    except SubmissionError as error:
        return [str(error)]
    if not any(rows):
        return [f"{path}: expected the header {','.join(HEADER)} and {len(filenames)} rows, got an empty file"]
    faults = ["row 1: expected UTF-8 without a byte order mark, got one; save the file without it"] if marked else []
    if tuple(rows[0]) != HEADER:
        faults.append(f"row 1: expected the header {','.join(HEADER)}, got {','.join(rows[0])[:60]!r}")
    has_data_first = bool(rows[0]) and rows[0][0] in filenames
    known = set(filenames)
    row_of: dict[str, int] = {}
    rows, form_faults = _as_annotated(rows, filenames)
    faults += form_faults
    for number, row in enumerate(rows, start=1):
        if number > 1 or has_data_first:
            faults += _row_faults(number, row, known, row_of, sizes or {})
    return faults + _missing_faults(filenames, row_of) + _order_faults(filenames, row_of) + _empty_faults(rows)


def find_oddities(
    polygons: Mapping[str, Sequence[Polygon]], sizes: Mapping[str, tuple[int, int]] | None = None
) -> list[str]:
    """What the leaderboard takes, but nobody means: polygons of images at half their size, and equal ones in a row.

    Args:
        polygons: of a submission without faults, by file name.
        sizes: as for `validate_submission`.

    Returns:
        A sentence for each kind.
    """
    sizes = sizes or {}
    found = [(name, np.concatenate(own).max(axis=0)) for name, own in polygons.items() if own]
    odd = []
    if len(found) >= _FEW_IMAGES and all(
        name in sizes and (farthest <= np.array(sizes[name]) / 2).all() for name, farthest in found
    ):
        odd.append(
            f"all polygons of {len(found)} images end within half the width and height: predicted on images of half "
            "the size? Multiply the coordinates by 2, or predict on the images themselves"
        )
    repeats = {name: len(own) - len({one.tobytes() for one in own}) for name, own in polygons.items()}
    repeating = [name for name, count in repeats.items() if count]
    if repeating:
        odd.append(
            f"{sum(repeats.values())} polygons repeat one of the same row, in {len(repeating)} rows such as that of "
            f"{repeating[0]!r}: keep one of each"
        )
    return odd


def _row_faults(
    number: int, row: list[str], known: set[str], row_of: dict[str, int], sizes: Mapping[str, tuple[int, int]]
) -> list[str]:
    """What is wrong with one row; notes in `row_of` where its image came first."""
    if len(row) != len(HEADER):
        got = f"{len(row)} columns; quote file names that hold a comma" if row else "a blank line"
        return [f"row {number}: expected 2 columns, got {got}"]
    filename, field = row
    faults = []
    if filename in row_of:
        first = row_of[filename]
        faults.append(f"row {number}: expected each image once, got {filename!r} again (first in row {first})")
    elif filename not in known:
        faults.append(f"row {number}: expected an image of the annotation file, got unknown image {filename!r}")
    row_of.setdefault(filename, number)
    place = f"row {number}, {filename!r}"
    return faults + [f"{place}: {fault}" for fault in _field_faults(field, sizes.get(filename), place)]


def _as_annotated(rows: list[list[str]], filenames: Sequence[str]) -> tuple[list[list[str]], list[str]]:
    """Rows under the names of the annotation file, and one fault for all names of another Unicode form."""
    form_of = {same_name(name): name for name in filenames}
    known = set(filenames)
    strange = [row[0] for row in rows if row and row[0] not in known and same_name(row[0]) in form_of]
    if not strange:
        return rows, []
    renamed = [[form_of.get(same_name(row[0]), row[0]), *row[1:]] if row else row for row in rows]
    return renamed, [
        f"expected names in the Unicode form of the annotation file, got {len(strange)} that only look like it, such "
        f"as {strange[0]!r} (macOS writes é as two characters); rename them"
    ]


def _missing_faults(filenames: Sequence[str], row_of: Mapping[str, int]) -> list[str]:
    return [
        f"expected a row for each image, got none for missing image {name!r}"
        for name in filenames
        if name not in row_of
    ]


def _order_faults(filenames: Sequence[str], row_of: Mapping[str, int]) -> list[str]:
    """One fault at the first image that is not where the annotation file has it; missing and unknown ones aside."""
    expected = [name for name in filenames if name in row_of]
    known = set(expected)
    present = [name for name in row_of if name in known]
    for want, got in zip(expected, present, strict=True):
        if want != got:
            return [f"row {row_of[got]}: expected the order of the annotation file with {want!r} here, got {got!r}"]
    return []


def _empty_faults(rows: Sequence[Sequence[str]]) -> list[str]:
    """One fault where there are rows of images, and none has a polygon."""
    fields = [row[1] for row in rows if len(row) == len(HEADER) and tuple(row) != HEADER]
    if not fields or any(fields):
        return []
    return [
        f"expected polygons, got none in any of the {len(fields)} rows: predict again, with a lower "
        "models.head.box_thresh where it found no word"
    ]


def _field_faults(field: str, size: tuple[int, int] | None, place: str) -> list[str]:
    """What is wrong with one image's polygons."""
    if not field:
        return []
    count = field.count("|") + 1
    faults = []
    if count > MAX_POLYGONS:
        faults.append(f"expected at most {MAX_POLYGONS} polygons, got {count}")
    for index, text in enumerate(field.split("|", MAX_POLYGONS)[:MAX_POLYGONS], start=1):
        points, fault = _parse(text)
        if points is not None:
            fault = _outside_fault(points, size) or _collinear_fault(points)
            if fault is None and not shapely.Polygon(points).is_valid:
                _LOGGER.warning("%s: polygon %d crosses or touches itself", place, index)
        if fault:
            faults.append(f"polygon {index}: {fault}")
    return faults


def _parse(text: str) -> tuple[npt.NDArray[np.int64] | None, str | None]:
    """The (K, 2) points of a polygon, or what is wrong with its text."""
    words = text.split(" ", 2 * MAX_POINTS)
    if len(words) > 2 * MAX_POINTS:
        return None, f"expected at most {MAX_POINTS} points, got {text.count(' ') // 2 + 1}"
    for word in words:
        if not _INTEGER.fullmatch(word):
            return None, f"expected integers between single spaces, got {word[:20]!r} in {text[:40]!r}"
    if len(words) % 2:
        return None, f"expected an even number of coordinates, got {len(words)} (an odd number)"
    if len(words) < 2 * MIN_POINTS:
        return None, f"expected at least {MIN_POINTS} points, got {len(words) // 2}"
    return np.array(words, dtype=np.int64).reshape(-1, 2), None


def _outside_fault(points: npt.NDArray[np.int64], size: tuple[int, int] | None) -> str | None:
    outside = (points < 0).any(axis=1)
    if size is not None:
        outside |= (points >= np.array(size)).any(axis=1)
    if not outside.any():
        return None
    limits = f"x in 0..{size[0] - 1} and y in 0..{size[1] - 1}" if size else "no negative coordinate"
    x, y = points[np.argmax(outside)]
    return f"expected points inside the image, {limits}, got ({x}, {y}) outside"


def _collinear_fault(points: npt.NDArray[np.int64]) -> str | None:
    offsets = points - points[0]
    farthest = offsets[np.argmax(np.abs(offsets).sum(axis=1))]
    if not np.any(farthest[0] * offsets[:, 1] - farthest[1] * offsets[:, 0]):
        return "expected a polygon with an area, got points that are collinear (this costs 100 characters)"
    return None
