"""The leaderboard's CSV: `filename,polygons`, integers, one row per image."""

import csv
import io
import logging
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from baseline_code.files.csv_file import long_fields, write_csv
from baseline_code.files.names import is_path_below
from ocr.annotations.crossing_polygons import has_too_many_crossings
from ocr.annotations.faults import list_faults
from ocr.annotations.fields import MAX_COORDINATE, MAX_POINTS, MIN_POINTS
from ocr.geometry.measures import polygon_area
from ocr.geometry.polygons import Polygon, at_least_four, clip_polygon, drop_repeated

_LOGGER = logging.getLogger(__name__)

HEADER = ("filename", "polygons")
MAX_POLYGONS = 500


class SubmissionError(ValueError):
    """A CSV that cannot be read as a submission; the message names the file and each faulty row."""


def write_submission(
    path: str | os.PathLike[str],
    filenames: Sequence[str],
    polygons: Mapping[str, Sequence[Polygon]],
    sizes: Mapping[str, tuple[int, int]],
) -> None:
    """Write the CSV: a row for each image in the given order, empty where nothing was found.

    Each polygon is clipped to the image and rounded to whole pixels in 0..width-1, 0..height-1 (`to_integer_polygon`);
    what has no area then is left out, for a collinear polygon costs 100 characters. The first 500 that remain are kept.

    Args:
        path: the CSV file; written whole or not at all, UTF-8 without a byte order mark.
        filenames: every image of the set, in the order of its annotation file.
        polygons: (K, 2) polygons by file name, px of the original image, best first; a missing name means none.
        sizes: (width, height) by file name, px as displayed; needed for images with polygons only.

    Raises:
        ValueError: if a file name is there twice, or polygons are of an unknown image or one without a size.
    """
    _check_names(filenames, polygons, sizes)
    rows = [HEADER]
    for filename in filenames:
        found = polygons.get(filename, ())
        kept = _integer_polygons(filename, found, sizes[filename]) if len(found) else []
        rows.append((filename, format_polygons(kept[:MAX_POLYGONS])))
    write_csv(path, rows)


def to_integer_polygon(polygon: Polygon, width: int, height: int) -> npt.NDArray[np.int64] | None:
    """Round a polygon to whole pixels inside the image.

    Args:
        polygon: (K, 2) vertices, px of the original image, K >= 3.
        width: image width, px.
        height: image height, px.

    Returns:
        (K', 2) int64 in 0..width-1, 0..height-1, K' >= 4, no vertex equal to its neighbour; a triangle gets the middle
        of its longest edge as fourth vertex. None where no area is left.
    """
    clipped = clip_polygon(np.asarray(polygon, dtype=np.float32), width, height)
    if clipped is None:
        return None
    rounded = np.rint(clipped).astype(np.int64)
    points = drop_repeated(np.clip(rounded, 0, (width - 1, height - 1)))
    points = drop_repeated(at_least_four(points))
    if len(points) < MIN_POINTS or polygon_area(points) == 0.0:
        return None
    return points


def format_polygons(polygons: Iterable[npt.NDArray[np.int64]]) -> str:
    """Join integer polygons as `x1 y1 x2 y2 …|x1 y1 …`; "" for none."""
    return "|".join(" ".join(map(str, polygon.ravel().tolist())) for polygon in polygons)


def read_submission(path: str | os.PathLike[str]) -> dict[str, list[Polygon]]:
    """Read a leaderboard CSV, of whole or decimal numbers.

    As on the leaderboard, polygons of fewer than four points or an odd number of coordinates are skipped (a warning
    counts them), as are those of an image behind its 500th; `validate_submission` finds all faults.

    Args:
        path: the CSV file, UTF-8, with or without a byte order mark.

    Returns:
        (K, 2) float32 polygons by file name, K >= 4, in the order of the file: best first.

    Raises:
        SubmissionError: naming the file and each row with another column count, a file name seen before, a
            coordinate that is no number of pixels, a name that leads elsewhere or a polygon of more than 1,000 points.
    """
    path = Path(path)
    rows = read_rows(path)
    if not rows or tuple(rows[0]) != HEADER:
        raise SubmissionError(f"{path}: expected the header {','.join(HEADER)}, got {rows[0] if rows else 'no row'}")
    faults: list[str] = []
    result: dict[str, list[Polygon]] = {}
    skipped = beyond = 0
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(HEADER) or row[0] in result:
            columns = f"expected 2 columns, got {len(row)}"
            repeated = f"expected each file name once, got {row[0]!r} again"
            faults.append(f"row {number}: {columns if len(row) != len(HEADER) else repeated}")
            continue
        if not is_path_below(row[0]):
            faults.append(f"row {number}: expected a file name below the image folder, got {row[0][:60]!r}")
        texts = row[1].split("|", MAX_POLYGONS) if row[1].strip() else []
        beyond += len(texts) > MAX_POLYGONS
        try:
            found = [_parse_polygon(text) for text in texts[:MAX_POLYGONS]]
        except ValueError as error:
            faults.append(f"row {number}, {row[0]!r}: {error}")
            found = []
        result[row[0]] = [polygon for polygon in found if polygon is not None]
        skipped += len(found) - len(result[row[0]])
    if faults:
        raise SubmissionError(list_faults(f"{path}: expected a submission, got", faults, "faulty rows"))
    if skipped:
        _LOGGER.warning("%s: skipped %d polygons of fewer than 4 points or an odd coordinate count", path, skipped)
    if beyond:
        _LOGGER.warning("%s: %d images have more than %d polygons: the first ones count", path, beyond, MAX_POLYGONS)
    return result


def read_rows(path: Path) -> list[list[str]]:
    """Read all rows of a UTF-8 CSV; a blank line is an empty row.

    Raises:
        SubmissionError: if the file is missing, not UTF-8, or its quotes are not balanced.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SubmissionError(f"{path}: expected a readable CSV, got {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SubmissionError(f"{path}: expected UTF-8 text, got other bytes at position {error.start}") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        with long_fields():  # 500 polygons of many points need them
            return list(reader)
    except csv.Error as error:
        raise SubmissionError(f"{path}: expected CSV, got an error at line {reader.line_num}: {error}") from error


def _check_names(
    filenames: Sequence[str], polygons: Mapping[str, Sequence[Polygon]], sizes: Mapping[str, tuple[int, int]]
) -> None:
    counts = Counter(filenames)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise ValueError(f"expected each file name once, got {repeated[:5]} again")
    unknown = [name for name in polygons if name not in counts]
    if unknown:
        raise ValueError(f"expected polygons of the {len(counts)} listed images only, got some of {unknown[:5]}")
    unsized = [name for name, found in polygons.items() if len(found) and name not in sizes]
    if unsized:
        raise ValueError(f"expected the size of each image with polygons, got none for {unsized[:5]}")


def _integer_polygons(filename: str, polygons: Sequence[Polygon], size: tuple[int, int]) -> list[npt.NDArray[np.int64]]:
    """The polygons that have an area in whole pixels, in order."""
    rounded = [to_integer_polygon(polygon, *size) for polygon in polygons]
    kept = [polygon for polygon in rounded if polygon is not None]
    if len(kept) < len(rounded):
        _LOGGER.info("%s: left out %d polygons without area in whole pixels", filename, len(rounded) - len(kept))
    if len(kept) > MAX_POLYGONS:
        _LOGGER.info("%s: kept the best %d of %d polygons", filename, MAX_POLYGONS, len(kept))
    return kept


def _parse_polygon(text: str) -> Polygon | None:
    """(K, 2) float32; None where the leaderboard would skip it."""
    words = text.split(maxsplit=2 * MAX_POINTS)
    if len(words) > 2 * MAX_POINTS:
        raise ValueError(f"expected at most {MAX_POINTS} points, got more in {text[:40]!r}; simplify the polygon")
    values = np.array([float(word) for word in words], dtype=np.float64)
    if not (np.abs(values) <= MAX_COORDINATE).all():  # a NaN is no smaller either
        raise ValueError(f"expected finite coordinates of at most 1e7 px, got {text[:40]!r}")
    if len(values) % 2 or len(values) < 2 * MIN_POINTS:
        return None
    polygon = values.astype(np.float32).reshape(-1, 2)
    if has_too_many_crossings(polygon):
        raise ValueError(
            f"expected a polygon around a word, got {len(polygon)} points whose edges cross too often: {text[:40]!r}"
        )
    return polygon
