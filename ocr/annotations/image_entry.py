"""Reads one image's entry of the annotation JSON: its size and words, those that cross themselves mended."""

from __future__ import annotations

from pathlib import PurePosixPath

import cv2

from ocr.annotations.crossing_polygons import find_crossing, is_too_tangled, mend_polygon
from ocr.annotations.faults import Notes, shorten
from ocr.annotations.fields import read_confidence, read_illegibility, read_polygon, read_side, read_text
from ocr.annotations.json_objects import note_repeated, require_object
from ocr.annotations.words import ImageAnnotation, Word
from ocr.geometry.polygons import Polygon

MAX_WORDS = 10_000
UNREADABLE_TRANSCRIPTION = "###"


class ImageReader:
    """Reads one image's entry and notes what is wrong with it.

    Args:
        filename: of the image.
        notes: take what is found.
        mends: whether polygons that cross themselves are put in order or ignored.
    """

    def __init__(self, filename: str, notes: Notes, *, mends: bool) -> None:
        self.filename = filename
        self.place = f"image {filename!r}"
        self.notes = notes
        self.faults = notes.faults
        self.mends = mends

    def read(self, entry: object) -> ImageAnnotation:
        """The image's words; they mean something only if no fault was noted."""
        if not _is_plain_name(self.filename):
            self.faults.append(f"{self.place}: expected a file name below the image folder")
        entries = require_object(entry, "words", self.place, self.faults)
        fields = entry if isinstance(entry, dict) else {}
        width, height = (read_side(fields, key, self.place, self.faults) for key in ("img_w", "img_h"))
        if len(entries) > MAX_WORDS:
            self.faults.append(
                f"{self.place}: expected at most {MAX_WORDS} words, got {len(entries)}; cut the image into parts"
            )
            entries = {}
        read = [self._read_word(word_id, one, width, height) for word_id, one in entries.items()]
        words = [word for word in read if word is not None]
        if self.mends and not self.faults:
            self._mend(words)
        self._check_scores(words)
        return ImageAnnotation(self.filename, width, height, tuple(words))

    def _read_word(self, word_id: str, fields: object, width: int | None, height: int | None) -> Word | None:
        place = self._place(word_id)
        if not isinstance(fields, dict):
            self.faults.append(f"{place}: expected an object, got {shorten(fields)}")
            return None
        note_repeated(fields, place, self.faults)
        polygon = read_polygon(fields, width, height, place, self.faults)
        if not self.mends and is_too_tangled(polygon):
            self.faults.append(f"{place}: expected a polygon around a word, got {len(polygon)} tangled points")
        text = read_text(fields, place, self.faults)
        ignore = read_illegibility(fields, place, self.faults) or text.strip() == UNREADABLE_TRANSCRIPTION
        if len(polygon) and _is_collinear(polygon):
            self.notes.collinear.append(place)
            ignore = True
        return Word(polygon, ignore, word_id, text, read_confidence(fields, place, self.faults))

    def _place(self, word_id: str) -> str:
        return f"{self.place}, word {word_id!r}"

    def _mend(self, words: list[Word]) -> None:
        """Puts polygons that cross themselves in order, or ignores their words."""
        for index in find_crossing([word.polygon for word in words]):
            word, mended = words[index], mend_polygon(words[index].polygon)
            words[index] = word._replace(polygon=mended.polygon, ignore=word.ignore or mended.remedy == "ignored")
            noted: list[str] = getattr(self.notes, mended.remedy)
            noted.append(self._place(word.id))

    def _check_scores(self, words: list[Word]) -> None:
        scored = sum(word.score is not None for word in words)
        if 0 < scored < len(words):
            self.faults.append(
                f"{self.place}: expected a confidence for each word or for none, got {scored} of {len(words)}"
            )


def _is_plain_name(filename: str) -> bool:
    path = PurePosixPath(filename.replace("\\", "/"))
    return bool(path.name) and not path.is_absolute() and ".." not in path.parts


def _is_collinear(polygon: Polygon) -> bool:
    """Whether the vertices enclose nothing; a bow tie, whose halves cancel out in the shoelace sum, does not count."""
    return cv2.contourArea(polygon) == 0.0 and cv2.contourArea(cv2.convexHull(polygon)) == 0.0
