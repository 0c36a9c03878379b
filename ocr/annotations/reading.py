"""Reader of the annotation JSON: every image's words, or one error that lists all that is broken."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from baseline_code.files.json_file import JsonFileError, read_json
from baseline_code.files.names import find_file, is_path_below, same_name
from baseline_code.files.shown_text import listed, shorten
from baseline_code.images.listing import find_images
from ocr.annotations.coordinate_units import check_units
from ocr.annotations.crossing_polygons import find_crossing, has_too_many_crossings, repair_polygon
from ocr.annotations.faults import AnnotationError, Fault, Notes, Place, list_faults
from ocr.annotations.fields import (
    keep_repeated,
    note_repeated,
    read_confidence,
    read_illegibility,
    read_polygon,
    read_side,
    read_text,
    require_object,
)
from ocr.annotations.words import UNREADABLE, ImageAnnotation, Word
from ocr.geometry.measures import polygon_area
from ocr.geometry.polygons import Polygon
from ocr.geometry.rectangles import convex_hull

MAX_WORDS = 10_000

log = logging.getLogger(__name__)

Confidences = Literal["warn", "refuse", "allow"]


def read_annotations(
    path: str | os.PathLike[str], *, predicted: bool = False, confidences: Confidences = "warn"
) -> dict[str, ImageAnnotation]:
    """Reads and validates an annotation (or prediction) JSON.

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
        confidences: what to do about labels with confidences: predictions that people have corrected may keep them, but
            where predictions are scored the two may be swapped.

    Returns:
        Annotations by image name, in the file's order. Images without words are there, with none.

    Raises:
        AnnotationError: naming the file, and by image and word each entry that is broken or there twice (the first
            50, and how many there are in all); or saying that the points are no pixels, or the words predictions.
    """
    path = Path(path)
    return parse_annotations(_read_document(path), path, predicted=predicted, confidences=confidences)


def parse_annotations(
    document: object, path: Path, *, predicted: bool = False, confidences: Confidences = "warn"
) -> dict[str, ImageAnnotation]:
    """Validates the content of an annotation JSON, as `read_annotations` does.

    Args:
        document: the content.
        path: its file, for messages.
        predicted: as for `read_annotations`.
        confidences: as for `read_annotations`.

    Raises:
        AnnotationError: as by `read_annotations`.
    """
    annotations, notes = _inspect(document, repairs=not predicted)
    if notes.faults:
        message = list_faults(f"{path}: expected valid annotations, got", notes.faults, "broken entries")
        raise AnnotationError(f"{message}{'' if annotations else _describe_foreign(path)}")
    check_units(annotations.values(), [one.size for one in annotations.values()], path)
    if confidences == "refuse" and notes.odd["predicted"]:
        raise AnnotationError(
            f"{path}: expected labels, got predictions (words with a confidence): are annotations= and the predictions "
            f"swapped? To take them for labels: python runners/convert.py {shlex.quote(f'input={path}')} output=FOLDER "
            "predictions=false"
        )
    if confidences == "allow":
        notes.odd["predicted"].clear()
    notes.warn(path)
    return annotations


class InspectedAnnotations(NamedTuple):
    """What could be read of a file, and what was found on the way."""

    annotations: dict[str, ImageAnnotation]  # without the words that have a fault
    notes: Notes


def inspect_annotations(path: Path) -> InspectedAnnotations:
    """Reads what `read_annotations` does, but goes on where an entry is broken, and compares no units.

    Raises:
        AnnotationError: if the file is no JSON.
    """
    return _inspect(_read_document(path), repairs=True)


def _read_document(path: Path) -> object:
    try:
        return read_json(path, "a JSON file", pairs=keep_repeated)
    except JsonFileError as error:
        raise AnnotationError(f"{error}{_describe_foreign(path)}") from error


def _inspect(document: object, *, repairs: bool) -> InspectedAnnotations:
    notes = Notes()
    entries = require_object(document, "images", Place(None, part="top level"), notes.faults)
    annotations = {name: _ImageReader(name, notes, repairs=repairs).read(entry) for name, entry in entries.items()}
    return InspectedAnnotations(annotations, notes)


def check_images(annotations: Mapping[str, ImageAnnotation], folder: str | os.PathLike[str]) -> None:
    """Makes sure that every annotated image is there.

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
    missing = find_missing(annotations, folder)
    if missing:
        head = f"{folder}: expected all {len(annotations)} annotated images, got none of"
        raise AnnotationError(list_faults(head, missing, "files"))


def find_missing(filenames: Iterable[str], folder: Path) -> list[str]:
    """Those names that no file in a folder has."""
    return [filename for filename in filenames if not find_file(folder / filename).is_file()]


def find_unlabelled(filenames: Iterable[str], folder: Path) -> list[str]:
    """The images below a folder that have none of these names."""
    known = set(map(same_name, filenames))
    names = (path.relative_to(folder).as_posix() for path in find_images(folder))
    return [name for name in names if same_name(name) not in known]


def warn_of_unlabelled(filenames: Iterable[str], folder: Path, labels: Path, hint: str = "") -> None:
    """Counts and names the images of a folder that labels do not list, once: a split is read for each fold.

    Args:
        filenames: that the labels list.
        folder: of their images.
        labels: their file or folder, for the message.
        hint: what to do, for the message.
    """
    unlabelled = find_unlabelled(filenames, folder)
    if unlabelled:
        _warn_once(
            f"{folder}: left out {len(unlabelled)} images that {labels} does not list: {listed(unlabelled)}{hint}"
        )


@cache
def _warn_once(message: str) -> None:
    log.warning(message)


def _describe_foreign(path: Path) -> str:
    from ocr.annotations.formats.recognition import describe_foreign  # all formats: nobody waits for them unless asked

    return describe_foreign(path)


class _ImageReader:
    """Reads one image's entry and notes what is wrong with it.

    Args:
        filename: of the image.
        notes: take what is found.
        repairs: whether polygons that cross themselves are put in order or ignored.
    """

    def __init__(self, filename: str, notes: Notes, *, repairs: bool) -> None:
        self.filename = filename
        self.place = Place(filename)
        self.notes = notes
        self.faults = notes.faults
        self.repairs = repairs

    def read(self, entry: object) -> ImageAnnotation:
        """The image's words, without those that have a fault."""
        if not is_path_below(self.filename):
            self.faults.append(Fault(self.place, "expected a file name below the image folder"))
        entries = require_object(entry, "words", self.place, self.faults)
        fields = entry if isinstance(entry, dict) else {}
        width, height = (read_side(fields, key, self.place, self.faults) for key in ("img_w", "img_h"))
        if len(entries) > MAX_WORDS:
            fault = f"expected at most {MAX_WORDS} words, got {len(entries)}; cut the image into parts"
            self.faults.append(Fault(self.place, fault))
            entries = {}
        read = [self._read_word(word_id, one, width, height) for word_id, one in entries.items()]
        words = [word for word in read if word is not None]
        if self.repairs:
            self._repair(words)
        self._check_scores(words)
        return ImageAnnotation(self.filename, width, height, tuple(words))

    def _read_word(self, word_id: str, fields: object, width: int | None, height: int | None) -> Word | None:
        place, faults = Place(self.filename, word_id), len(self.faults)
        if not isinstance(fields, dict):
            self.faults.append(Fault(place, f"expected an object, got {shorten(fields)}"))
            return None
        note_repeated(fields, place, self.faults)
        polygon = read_polygon(fields, width, height, place, self.faults)
        if not self.repairs and has_too_many_crossings(polygon):
            fault = f"expected a polygon around a word, got {len(polygon)} points whose edges cross too often"
            self.faults.append(Fault(place, fault))
        text = read_text(fields, place, self.faults)
        ignore = read_illegibility(fields, place, self.faults) or text.strip() == UNREADABLE
        if len(polygon) and _is_collinear(polygon):
            self.notes.odd["collinear"].append(place)
            ignore = True
        word = Word(polygon, ignore, word_id, text, read_confidence(fields, place, self.faults))
        return word if len(self.faults) == faults else None

    def _repair(self, words: list[Word]) -> None:
        """Puts polygons that cross themselves in order, or ignores their words."""
        for index in find_crossing([word.polygon for word in words]):
            word, repaired = words[index], repair_polygon(words[index].polygon)
            words[index] = word._replace(polygon=repaired.polygon, ignore=word.ignore or repaired.remedy == "ignored")
            self.notes.odd[repaired.remedy].append(Place(self.filename, word.id))

    def _check_scores(self, words: list[Word]) -> None:
        scored = sum(word.score is not None for word in words)
        if 0 < scored < len(words):
            fault = f"expected a confidence for each word or for none, got {scored} of {len(words)}"
            self.faults.append(Fault(self.place, fault))
        elif scored and self.repairs:
            self.notes.odd["predicted"].append(self.place)


def _is_collinear(polygon: Polygon) -> bool:
    """Whether the vertices enclose nothing; a bow tie, whose halves cancel out in the shoelace sum, does not count."""
    return polygon_area(polygon) == 0.0 and polygon_area(convex_hull(polygon.astype(np.float64))) == 0.0
