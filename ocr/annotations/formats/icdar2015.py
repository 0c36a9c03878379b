"""ICDAR 2015, incidental scene text, and SROIE's task 1: four corners and a text."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import ClassVar

from ocr.annotations.formats.coordinates import NUMBER, flat_points, is_number_text
from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.interface import ForeignImage, ForeignWord, LineFormat, Source
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import one_line, quad, text_or_mark, whole
from ocr.annotations.formats.shapes import Points
from ocr.annotations.words import UNREADABLE, Size, Word
from ocr.geometry.polygons import Polygon

QUAD_LINE = re.compile(rf"((?:\s*{NUMBER}\s*,){{7}}\s*{NUMBER}\s*)(?:,(.*))?", re.DOTALL)
"""Eight numbers, and what follows the comma after them."""
_RECEIPT_FACTS = ("company", "date", "address", "total")


class Icdar2015(LineFormat):
    """`x1,y1,x2,y2,x3,y3,x4,y4,text`: exactly eight numbers, the rest of the line is text."""

    name = "icdar2015"
    title = "ICDAR 2015"
    prefixes: ClassVar[tuple[str, ...]] = ("gt_",)

    def sniff(self, file: LabelFile) -> bool:
        """Eight numbers, or more than the four of ICDAR 2013: those are faults."""
        return any(len(leading_numbers(line)) > 4 for line in file.first_lines)

    def read_line(self, line: str, place: str) -> ForeignWord:
        """See `LineFormat`."""
        found = QUAD_LINE.fullmatch(line)
        if found is None:
            count = len(leading_numbers(line))
            raise ValueError(f"expected 8 numbers and a text, got {count} numbers in {line[:60]!r}")
        return ForeignWord(Points(flat_points(found[1].split(","))), self.text_of(found[2]), False, place)

    def text_of(self, rest: str | None) -> str:
        """The text in what follows the numbers; None where nothing does."""
        return rest or ""

    def write_line(self, word: Word, size: Size, place: str, findings: Findings) -> str:
        """See `LineFormat`."""
        text = one_line(text_or_mark(word, place, findings), place, findings)
        return f"{quad_numbers(word.polygon, size, place, findings)},{text}"


class Sroie(Icdar2015):
    """The same without an ignore flag, for lines of receipts; key information is refused."""

    name = "sroie"
    title = "SROIE"
    prefixes = ()

    def sniff(self, file: LabelFile) -> bool:
        """The key information of task 3 in files of the same names; boxes read as those of ICDAR 2015."""
        start = "".join(file.first_lines)
        return start.lstrip().startswith("{") and any(f'"{fact}"' in start for fact in _RECEIPT_FACTS)

    def read_image(self, file: LabelFile, source: Source) -> ForeignImage:
        """See `PerImageFormat`."""
        if self.sniff(file):
            raise ValueError("line 1: expected 8 numbers and a text, got key information, as of task 3")
        return super().read_image(file, source)

    def write_line(self, word: Word, size: Size, place: str, findings: Findings) -> str:
        """See `LineFormat`."""
        if word.ignore and word.text.strip() != UNREADABLE:
            findings.count("word ignored, written as readable", place)
        return f"{quad_numbers(word.polygon, size, place, findings)},{one_line(word.text, place, findings)}"


def leading_numbers(line: str) -> list[str]:
    """The numbers, with commas between, that a line begins with."""
    return list(takewhile(is_number_text, line.split(",")))


def quad_numbers(polygon: Polygon, size: Size, place: str, findings: Findings) -> str:
    """The eight numbers of a word."""
    return ",".join(map(str, whole(quad(polygon, size, place, findings), place, findings)))
