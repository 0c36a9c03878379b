"""PaddleOCR and PPOCRLabel: a line for each image, its path, a tab and a JSON list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ocr.annotations.formats.coordinates import paired_points
from ocr.annotations.formats.field_values import has_ignored_flag, is_ignored_name, is_true, text_of
from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.interface import (
    ForeignImage,
    ForeignWord,
    LabelFormat,
    LabelledImage,
    LabelSettings,
    Source,
)
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import plain_points, quad, text_or_mark
from ocr.annotations.formats.shapes import Points
from ocr.annotations.words import UNREADABLE

IGNORED_TEXTS = (UNREADABLE, "*")
NO_TEXT_YET = ("TEMPORARY", "待识别")
_LINE = re.compile(r"[^\t]+\t\s*\[\s*(?:\]|\{).*", re.DOTALL)


class PaddleOcr(LabelFormat):
    """`Label.txt`; `difficult` is no ignore flag: it is set on readable words too, and PaddleOCR trains on them."""

    name = "paddleocr"
    title = "PaddleOCR"
    suffixes = (".txt",)
    image_folder = ""
    for_correction = True

    def sniff(self, file: LabelFile) -> bool:
        """A path, a tab and a list."""
        return any(map(_LINE.fullmatch, file.first_lines))

    def read_file(self, file: LabelFile, source: Source) -> Iterator[ForeignImage]:
        """See `LabelFormat`."""
        for number, line in file.lines():
            place = f"{file.name}, line {number}"
            with source.findings.faults_at(place):
                yield _read_line(line, place, file, source)

    def write(self, images: Sequence[LabelledImage], settings: LabelSettings, findings: Findings) -> dict[str, str]:
        """See `LabelFormat`; predictions as PPOCRLabel edits them, with four points and a text still to be typed."""
        lines = []
        for image in images:
            words = []
            for place, word in image.numbered():
                polygon = quad(word.polygon, image.size, place, findings) if settings.predictions else word.polygon
                text = text_or_mark(word, place, findings) or (NO_TEXT_YET[0] if settings.predictions else "")
                words.append({"transcription": text, "points": plain_points(polygon), "difficult": False})
            lines.append(f"{settings.folder}/{image.name}\t{json.dumps(words, ensure_ascii=False)}\n")
        return {"Label.txt": "".join(lines)}


def _read_line(line: str, place: str, file: LabelFile, source: Source) -> ForeignImage:
    name, tab, content = line.partition("\t")
    if not tab:
        raise ValueError(f"expected a path, a tab and a JSON list, got {line[:60]!r}")
    image = source.images.find(name, near=file)
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected a JSON list after the tab, got {content[:60]!r} ({error})") from error
    if not isinstance(entries, list):
        raise ValueError(f"expected a JSON list after the tab, got {content[:60]!r}")
    words = []
    for number, entry in enumerate(entries, start=1):
        word_place = f"{place}, word {number}"
        with source.findings.faults_at(word_place):
            words.append(_read_word(entry, word_place, source.findings))
    return ForeignImage(image, words, place)


def _read_word(entry: dict[str, Any], place: str, findings: Findings) -> ForeignWord:
    text = text_of(entry.get("transcription"))
    if is_true(entry.get("difficult")):
        findings.count("word marked difficult, kept as readable", place)
    if entry.get("key_cls") not in (None, "", "None"):
        findings.lose("key_cls")
    ignore = text.strip() in IGNORED_TEXTS or is_ignored_name(entry.get("key_cls")) or has_ignored_flag(entry)
    return ForeignWord(Points(paired_points(entry["points"])), "" if text in NO_TEXT_YET else text, ignore, place)
