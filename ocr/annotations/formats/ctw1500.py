"""SCUT-CTW1500, curved lines of text: polygons of any number of points."""

from __future__ import annotations

import re

import numpy as np

from ocr.annotations.formats.coordinates import NUMBER, flat_points, numbers
from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.interface import ForeignWord, LineFormat
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import one_line, plain_flat, text_or_mark
from ocr.annotations.formats.shapes import Points
from ocr.annotations.words import Size, Word

MARK = "####"
OFFSETS = 32  # numbers: an upright box, then 14 points as offsets from its upper left
_POINTS = re.compile(rf"\s*{NUMBER}(?:\s*,\s*{NUMBER})*\s*,?\s*")


class Ctw1500(LineFormat):
    """`x1,y1,…,xn,yn,####text`, or 32 numbers: a box and 14 offsets, without text."""

    name = "ctw1500"
    title = "CTW1500"
    prefixes = ("", "000")

    def sniff(self, file: LabelFile) -> bool:
        """Numbers before `####`, or 32 of them, in half of the lines at least: the others are faults."""
        return bool(file.first_lines) and 2 * sum(map(_is_line, file.first_lines)) >= len(file.first_lines)

    def read_line(self, line: str, place: str) -> ForeignWord:
        """See `LineFormat`."""
        coordinates, mark, text = line.partition(MARK)
        values = coordinates.strip().removesuffix(",").split(",")
        if mark:
            return ForeignWord(Points(flat_points(values)), text, False, place)
        if len(values) != OFFSETS:
            raise ValueError(f"expected points before {MARK}, or {OFFSETS} numbers, got {line[:60]!r}")
        box = numbers(values)
        return ForeignWord(Points(np.reshape(box[4:], (-1, 2)) + box[:2]), None, False, place)

    def write_line(self, word: Word, size: Size, place: str, findings: Findings) -> str:
        """See `LineFormat`."""
        text = one_line(text_or_mark(word, place, findings), place, findings)
        return f"{','.join(map(str, plain_flat(word.polygon)))},{MARK}{text}"


def _is_line(line: str) -> bool:
    coordinates, mark, _ = line.partition(MARK)
    return _POINTS.fullmatch(coordinates) is not None and (bool(mark) or len(coordinates.split(",")) == OFFSETS)
