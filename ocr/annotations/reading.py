"""Reader of the annotation JSON: every image's word polygons, or one error that lists all that is broken."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from baseline_code.files.json_file import JsonFileError, is_number, read_json
from baseline_code.files.names import find_file, is_path_below
from ocr.annotations.coordinate_units import describe_wrong_unit
from ocr.annotations.crossing_polygons import find_crossing, is_too_tangled, mend_polygon
from ocr.geometry.measures import polygon_area
from ocr.geometry.polygons import Polygon
from ocr.geometry.rectangles import convex_hull

_LOGGER = logging.getLogger(__name__)

MAX_LISTED_FAULTS = 50
MAX_LISTED_WARNINGS = 10
MIN_POINTS = 4
MAX_POINTS = 1000
MAX_WORDS = 10_000
MAX_SIDE = 1_000_000
MAX_COORDINATE = 1e7  # px: no image is as large
UNREADABLE_TRANSCRIPTION = "###"
OUTSIDE_TOLERANCE_PX = 5.0
OUTSIDE_TOLERANCE_RATIO = 0.02


class AnnotationError(ValueError):
    """An annotation file that does not hold; the message lists every broken entry by image and word."""


@dataclass(frozen=True, eq=False)
class ImageAnnotation:
    """The words of one image; all tuples have one entry per word, in the file's order.

    Attributes:
        filename: the image's name below its folder.
        width: width of the image as displayed, px; None where the file does not say.
        height: height of the image as displayed, px; None where the file does not say.
        polygons: (K, 2) float32 each, K >= 4, original pixels, inside the image where its size is known.
        ignore: whether the word counts neither in losses nor in metrics.
        word_ids: keys of the words.
        transcriptions: text of the words, "" where there is none.
        scores: confidences in [0, 1] of a prediction file; None where no word has one.
    """

    filename: str
    width: int | None
    height: int | None
    polygons: tuple[Polygon, ...]
    ignore: tuple[bool, ...]
    word_ids: tuple[str, ...]
    transcriptions: tuple[str, ...]
    scores: tuple[float, ...] | None


def read_annotations(path: str | os.PathLike[str], *, predicted: bool = False) -> dict[str, ImageAnnotation]:
    """Read and validate an annotation (or prediction) JSON.

    Required are `images`, `words` (may be empty) and `points` (4 to 1,000 pairs of finite numbers) only; unknown keys
    are let through. A word is ignored where `illegibility` is true (or 1, or "true"), where its transcription is `###`,
    and where its points lie on one line: such slips occur in real sets, nothing can be learnt from them, and the
    metric would ask 100 characters of them that no detection can find; each is named in a warning.

    Polygons that cross themselves are named in a warning too. Four points are put in order (their hull, clockwise from
    the top-left); more points are ignored, but for polygons whose largest lobe is nine tenths of their area.

    Where `img_w` and `img_h` are given, points outside the image by at most 5 px or 2 % of that side (whichever is
    more: boxes drawn past the border) move onto the border; any farther is a fault (a swapped x and y, another size,
    an orientation not applied).

    Args:
        path: the JSON file, UTF-8, as {"images": {name: {"img_w", "img_h", "words": {id: {"points", …}}}}}.
        predicted: whether it holds predictions, whose polygons stay as they are: they are scored as they stand.

    Returns:
        Annotations by image name, in the file's order. Images without words are there, with empty tuples.

    Raises:
        AnnotationError: naming the file, and by image and word each entry that is broken or there twice (the first
            50, and how many there are in all); or saying that the points are no pixels.
    """
    path = Path(path)
    notes = _Notes()
    try:
        document = read_json(path, "a JSON file", pairs=_keep_repeated)
    except JsonFileError as error:
        raise AnnotationError(str(error)) from error
    annotations: dict[str, ImageAnnotation] = {}
    for filename, entry in _require_object(document, "images", "top level", notes.faults).items():
        annotations[filename] = _ImageReader(filename, notes, mends=not predicted).read(entry)
    if notes.faults:
        raise AnnotationError(list_faults(f"{path}: expected valid annotations, got", notes.faults, "broken entries"))
    check_units(annotations, path)
    notes.warn(path)
    return annotations


def check_units(
    annotations: Mapping[str, ImageAnnotation],
    source: str | os.PathLike[str],
    sizes: Mapping[str, tuple[int, int]] | None = None,
) -> None:
    """Refuse points that are plainly no pixels: parts of 1 or per cent of the image's sides.

    Args:
        annotations: as from `read_annotations`.
        source: their file, for the message.
        sizes: (width, height) of each, px; None: those that the file states.

    Raises:
        AnnotationError: naming the unit that the points seem to have.
    """
    stated = {name: (item.width, item.height) for name, item in annotations.items()}
    known: Mapping[str, tuple[int | None, int | None]] = stated if sizes is None else sizes
    fault = describe_wrong_unit([(item.polygons, *known[name]) for name, item in annotations.items() if item.polygons])
    if fault:
        raise AnnotationError(f"{source}: expected points in pixels of the image as displayed, got {fault}")


def check_images(annotations: Mapping[str, ImageAnnotation], folder: str | os.PathLike[str]) -> None:
    """Make sure that every annotated image is there.

    Args:
        annotations: as from `read_annotations`.
        folder: where the images should be.

    Raises:
        AnnotationError: naming the folder and each annotated file that it lacks (the first 50, and how many in all).
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise AnnotationError(
            f"{folder}: expected the folder of {len(annotations)} annotated images, got no such folder"
        )
    missing = [filename for filename in annotations if not find_file(folder / filename).is_file()]
    if missing:
        head = f"{folder}: expected all {len(annotations)} annotated images, got none of"
        raise AnnotationError(list_faults(head, missing, "files"))


class _RepeatedKeys(dict[str, Any]):
    """A JSON object that had a key more than once; `repeated` names them."""

    repeated: tuple[str, ...] = ()


def _keep_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a JSON object; a plain dict would silently keep the last of equal keys."""
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    counts = Counter(key for key, _ in pairs)
    marked = _RepeatedKeys(plain)
    marked.repeated = tuple(key for key, count in counts.items() if count > 1)
    return marked


@dataclass
class _Notes:
    """What reading has found, each by image and word."""

    faults: list[str] = field(default_factory=list)
    collinear: list[str] = field(default_factory=list)
    ordered: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def warn(self, path: Path) -> None:
        """One warning for each kind of odd word."""
        kinds = (
            ("ignored", self.collinear, "words whose points lie on one line"),
            ("put in order", self.ordered, "words of four points whose edges cross (row by row instead of around?)"),
            ("kept", self.kept, "words whose polygon crosses itself in a small loop"),
            ("ignored", self.ignored, "words whose polygon crosses itself"),
        )
        for done, words, what in kinds:
            if words:
                _LOGGER.warning(list_faults(f"{path}: {done}", words, what, listed=MAX_LISTED_WARNINGS))


class _ImageReader:
    """Reads one image's entry and notes what is wrong with it."""

    def __init__(self, filename: str, notes: _Notes, *, mends: bool) -> None:
        self.filename = filename
        self.notes = notes
        self.faults = notes.faults
        self.mends = mends

    def read(self, entry: object) -> ImageAnnotation:
        place = f"image {self.filename!r}"
        if not is_path_below(self.filename):
            self.faults.append(f"{place}: expected a file name below the image folder")
        words = _require_object(entry, "words", place, self.faults)
        fields = entry if isinstance(entry, dict) else {}
        width, height = (self._side(fields, key) for key in ("img_w", "img_h"))
        if len(words) > MAX_WORDS:
            self.faults.append(
                f"{place}: expected at most {MAX_WORDS} words, got {len(words)}; cut the image into parts"
            )
            words = {}
        polygons: list[Polygon] = []
        ignore, transcriptions, scores = [], [], []
        for word_id, word in words.items():
            where = f"{place}, word {word_id!r}"
            if not isinstance(word, dict):
                self.faults.append(f"{where}: expected an object, got {_shorten(word)}")
                continue
            self._note_repeated(word, where)
            polygon = self._polygon(word, where, width, height)
            if not self.mends and is_too_tangled(polygon):
                self.faults.append(f"{where}: expected a polygon around a word, got {len(polygon)} tangled points")
            polygons.append(polygon)
            transcriptions.append(self._transcription(word, where))
            ignored = self._illegible(word, where) or transcriptions[-1].strip() == UNREADABLE_TRANSCRIPTION
            if len(polygon) and _is_collinear(polygon):
                self.notes.collinear.append(where)
                ignored = True
            ignore.append(ignored)
            scores.append(self._confidence(word, where))
        if self.mends and not self.faults:
            self._mend(polygons, ignore, list(words))
        return ImageAnnotation(
            filename=self.filename,
            width=width,
            height=height,
            polygons=tuple(polygons),
            ignore=tuple(ignore),
            word_ids=tuple(words),
            transcriptions=tuple(transcriptions),
            scores=self._all_or_none(scores, place),
        )

    def _mend(self, polygons: list[Polygon], ignore: list[bool], word_ids: list[str]) -> None:
        """Puts polygons that cross themselves in order, or ignores them."""
        for index in find_crossing(polygons):
            mended = mend_polygon(polygons[index])
            polygons[index] = mended.polygon
            ignore[index] = ignore[index] or mended.remedy == "ignored"
            noted: list[str] = getattr(self.notes, mended.remedy)
            noted.append(f"image {self.filename!r}, word {word_ids[index]!r}")

    def _note_repeated(self, entry: object, place: str) -> None:
        if isinstance(entry, _RepeatedKeys):
            self.faults.extend(f"{place}: expected each key once, got {key!r} again" for key in entry.repeated)

    def _side(self, fields: dict[str, Any], key: str) -> int | None:
        value = fields.get(key)
        if value is None:
            return None
        if not _is_number(value) or value != int(value) or not 0 < value <= MAX_SIDE:
            limit = f" of at most {MAX_SIDE}" if isinstance(value, int) and value > MAX_SIDE else ""
            self.faults.append(
                f"image {self.filename!r}: expected {key} to be a positive integer{limit}, got {_shorten(value)}"
            )
            return None
        return int(value)

    def _polygon(self, word: dict[str, Any], where: str, width: int | None, height: int | None) -> Polygon:
        """(K, 2) float32, clipped where slightly outside; (0, 2) where a fault was noted."""
        empty = np.empty((0, 2), dtype=np.float32)
        fault = _points_fault(word)
        if fault:
            self.faults.append(f"{where}: {fault}")
            return empty
        polygon = np.array(word["points"], dtype=np.float64)
        for axis, (name, side) in enumerate((("x", width), ("y", height))):
            if side is None:
                continue
            values = [point[axis] for point in word["points"]]  # min and max of so few are faster without numpy
            low, high = min(values), max(values)
            fault = outside_fault(name, low, high, side)
            if fault:
                self.faults.append(f"{where}: {fault}")
                return empty
            if low < 0 or high > side:
                np.clip(polygon[:, axis], 0, side, out=polygon[:, axis])
        return polygon.astype(np.float32)

    def _transcription(self, word: dict[str, Any], where: str) -> str:
        value = word.get("transcription")
        if value is None:
            return ""
        if not isinstance(value, str):
            self.faults.append(f"{where}: expected transcription to be text or null, got {_shorten(value)}")
            return ""
        return value

    def _illegible(self, word: dict[str, Any], where: str) -> bool:
        value = word.get("illegibility")
        if isinstance(value, str):
            value = {"true": True, "false": False, "1": True, "0": False, "": False}.get(value.strip().lower(), value)
        if value is None or (isinstance(value, bool | int | float) and value in (0, 1)):
            return bool(value)
        self.faults.append(f"{where}: expected illegibility to be true or false, got {_shorten(value)}")
        return False

    def _confidence(self, word: dict[str, Any], where: str) -> float | None:
        value = word.get("confidence")
        if value is None:
            return None
        if not _is_number(value) or not 0 <= value <= 1:
            self.faults.append(f"{where}: expected confidence in [0, 1], got {_shorten(value)}")
            return 0.0
        return float(value)

    def _all_or_none(self, scores: list[float | None], place: str) -> tuple[float, ...] | None:
        given = tuple(score for score in scores if score is not None)
        if not given:
            return None
        if len(given) < len(scores):
            self.faults.append(
                f"{place}: expected a confidence for each word or for none, got {len(given)} of {len(scores)}"
            )
        return given


def outside_fault(axis: str, low: float, high: float, side: int) -> str | None:
    """What is wrong with a polygon that reaches outside the image by more than the tolerance; None where none does.

    Args:
        axis: its name.
        low: least coordinate, px.
        high: greatest coordinate, px.
        side: of the image along the axis, px.
    """
    tolerance = max(OUTSIDE_TOLERANCE_PX, OUTSIDE_TOLERANCE_RATIO * side)
    if low >= -tolerance and high <= side + tolerance:
        return None
    return f"expected {axis} in 0..{side} as displayed, got {low if low < -tolerance else high:g}"


def _require_object(parent: object, key: str, place: str, faults: list[str]) -> dict[str, Any]:
    """The JSON object at `key`; notes a fault and gives an empty one where there is none."""
    if not isinstance(parent, dict):
        faults.append(f"{place}: expected an object with {key!r}, got {_shorten(parent)}")
        return {}
    for owner, where in ((parent, place), (parent.get(key), f"{place}, {key}")):
        if isinstance(owner, _RepeatedKeys):
            faults.extend(f"{where}: expected each key once, got {name!r} again" for name in owner.repeated)
    if key not in parent:
        present = ", ".join(map(repr, list(parent)[:5])) or "no keys"
        faults.append(f"{place}: expected {key!r}, got {present}")
        return {}
    value = parent[key]
    if not isinstance(value, dict):
        faults.append(f"{place}: expected {key!r} to be an object, got {_shorten(value)}")
        return {}
    return value


def _points_fault(word: dict[str, Any]) -> str | None:
    """What is wrong with a word's points, in words; None where they are at least four pairs of finite numbers."""
    if "points" not in word:
        return "expected 'points', got " + (", ".join(map(repr, list(word)[:5])) or "no keys")
    points = word["points"]
    if not isinstance(points, list):
        return f"expected points [[x, y], …], got {_shorten(points)}"
    if len(points) > MAX_POINTS:
        return f"expected at most {MAX_POINTS} points, got {len(points)}; simplify the polygon"
    for index, point in enumerate(points):
        if not isinstance(point, list) or len(point) != 2:
            return f"expected point {index} to be [x, y], got {_shorten(point)}"
        if not (_is_number(point[0]) and _is_number(point[1])):
            return f"expected point {index} to be two finite numbers, got {_shorten(point)}"
    if len(points) < MIN_POINTS:
        return f"expected at least {MIN_POINTS} points, got {len(points)}"
    return None


def _is_number(value: object) -> bool:
    """Whether a JSON value is a number of a size that pixels can have."""
    return is_number(value, -MAX_COORDINATE, MAX_COORDINATE)


def _is_collinear(polygon: Polygon) -> bool:
    """Whether the vertices enclose nothing; a bow tie, whose halves cancel out in the shoelace sum, does not count."""
    return polygon_area(polygon) == 0.0 and polygon_area(convex_hull(polygon.astype(np.float64))) == 0.0


def _shorten(value: object) -> str:
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
        text = f"a {type(value).__name__} too large to show"
    return text if len(text) <= 60 else f"{text[:57]}…"


def list_faults(head: str, faults: list[str], noun: str, *, listed: int = MAX_LISTED_FAULTS) -> str:
    """One message of a line per fault, the first of them: head, their number, noun."""
    lines = [f"{head} {len(faults)} {noun}:", *(f"  {fault}" for fault in faults[:listed])]
    if len(faults) > listed:
        lines.append(f"  … and {len(faults) - listed} more")
    return "\n".join(lines)
