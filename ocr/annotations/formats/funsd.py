"""FUNSD, forms: upright boxes of words."""

from __future__ import annotations

import json
from typing import Any

from ocr.annotations.formats.coordinates import numbers
from ocr.annotations.formats.field_values import text_of
from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.interface import (
    ForeignImage,
    ForeignWord,
    LabelledImage,
    LabelSettings,
    PerImageFormat,
    Source,
)
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import plain, upright_box
from ocr.annotations.formats.shapes import box_of_corners


class Funsd(PerImageFormat):
    """Words of the blocks in `form`; a word without a text is ignored."""

    name = "funsd"
    title = "FUNSD"
    suffixes = (".json",)

    def sniff(self, file: LabelFile) -> bool:
        """A list `form`."""
        return file.holds(form=list)

    def read_image(self, file: LabelFile, source: Source) -> ForeignImage:
        """See `PerImageFormat`."""
        content: Any = file.json()
        words = []
        for number, entry in enumerate(
            (word for block in content["form"] for word in block.get("words") or ()), start=1
        ):
            place = f"{file.name}, word {number} {entry.get('text') or ''!r}"
            with source.findings.faults_at(place):
                text = text_of(entry.get("text"))
                box = box_of_corners(numbers(entry["box"], 4))
                words.append(ForeignWord(box, text, not text.strip(), place))
        return ForeignImage(self.find_image(file, source.images), words, file.name)

    def write_image(self, image: LabelledImage, settings: LabelSettings, findings: Findings) -> str:
        """See `PerImageFormat`; every word is a block of its own."""
        blocks = []
        for number, (place, word) in enumerate(image.numbered()):
            if word.ignore and word.text.strip():
                findings.count("word ignored, written without text", place)
            if not word.ignore and not word.text.strip():
                findings.count("word that reads as ignored, for want of a text", place)
            box = [plain(value) for value in upright_box(word.polygon, place, findings)]
            text = "" if word.ignore else word.text
            words = [{"text": text, "box": box}]
            blocks.append({"id": number, "text": text, "box": box, "linking": [], "label": "other", "words": words})
        return json.dumps({"form": blocks}, ensure_ascii=False) + "\n"
