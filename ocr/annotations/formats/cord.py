"""CORD, receipts: words as quads whose coordinates have names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ocr.annotations.formats.coordinates import points_of_axes, stated_size
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
from ocr.annotations.formats.poorer_forms import plain, quad
from ocr.annotations.formats.shapes import Points
from ocr.geometry.polygons import Polygon

NUMBERS = (1, 2, 3, 4)


class Cord(PerImageFormat):
    """Words of `valid_line`; separators and don't-care areas are ignored."""

    name = "cord"
    title = "CORD"
    suffixes = (".json",)

    def sniff(self, file: LabelFile) -> bool:
        """`valid_line`."""
        content = file.sniffed_json
        return isinstance(content, dict) and "valid_line" in content

    def read_image(self, file: LabelFile, source: Source) -> ForeignImage:
        """See `PerImageFormat`."""
        content: Any = file.json()
        entries = [(word, False) for line in content["valid_line"] for word in line["words"]]
        entries += [(entry, True) for key in ("repeating_symbol", "dontcare") for entry in _quads(content.get(key))]
        words = []
        for number, (entry, ignore) in enumerate(entries, start=1):
            place = f"{file.name}, word {number} {entry.get('text') or ''!r}"
            with source.findings.faults_at(place):
                text = text_of(entry.get("text"))
                corners = entry.get("quad", entry)
                points = points_of_axes(*([corners[f"{axis}{one}"] for one in NUMBERS] for axis in "xy"))
                words.append(ForeignWord(Points(points), text, ignore, place))
        size = (content.get("meta") or {}).get("image_size") or {}
        stated = stated_size(size.get("width"), size.get("height"))
        return ForeignImage(self.find_image(file, source.images), words, file.name, stated)

    def write_image(self, image: LabelledImage, settings: LabelSettings, findings: Findings) -> str:
        """See `PerImageFormat`; every word is a line of its own."""
        lines, ignored = [], []
        for place, word in image.numbered():
            corners = _named(quad(word.polygon, image.size, place, findings))
            if word.ignore:
                ignored.append([{"quad": corners, "text": word.text}])
            else:
                lines.append({"words": [{"quad": corners, "is_key": 0, "text": word.text}], "category": "text"})
        width, height = image.size
        meta = {"version": "2.0.0", "image_size": {"width": width, "height": height}}
        content = {"valid_line": lines, "meta": meta, "roi": {}, "repeating_symbol": ignored, "dontcare": []}
        return json.dumps(content, ensure_ascii=False) + "\n"


def _named(polygon: Polygon) -> dict[str, int | float]:
    return {
        f"{axis}{one}": plain(value)
        for one, point in zip(NUMBERS, polygon, strict=True)
        for axis, value in zip("xy", point, strict=True)
    }


def _quads(nested: object) -> Iterator[dict[str, Any]]:
    """Entries with a quad, or quads themselves, in lists of any depth."""
    if isinstance(nested, dict):
        yield nested
    elif isinstance(nested, list):
        for inner in nested:
            yield from _quads(inner)
