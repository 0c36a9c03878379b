"""Text files in ICDAR's manner with polygons of any number of points, as many readers of curved text take them."""

from __future__ import annotations

from ocr.annotations.formats.coordinates import flat_points
from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.icdar2015 import Icdar2015, leading_numbers
from ocr.annotations.formats.interface import ForeignWord
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import one_line, plain_flat, text_or_mark
from ocr.annotations.formats.shapes import Points
from ocr.annotations.words import Size, Word

QUAD, MANY, VERY_MANY = 8, 12, 16  # numbers


class IcdarPolygons(Icdar2015):
    """`x1,y1,…,xn,yn,text`: as many pairs of numbers as there are; a text must not begin with a pair of numbers."""

    name = "icdar_polygons"
    title = "ICDAR polygon"

    def sniff(self, file: LabelFile) -> bool:
        """Eight numbers in each line, and twelve in half of them or sixteen in one: a text may begin with a few."""
        counts = [len(leading_numbers(line)) for line in file.first_lines] or [0]
        many = 2 * sum(count >= MANY for count in counts) >= len(counts)
        return min(counts) >= QUAD and (many or max(counts) >= VERY_MANY)

    def read_line(self, line: str, place: str) -> ForeignWord:
        """See `LineFormat`."""
        fields = line.split(",")
        count = len(leading_numbers(line)) // 2 * 2
        if count < QUAD:
            raise ValueError(f"expected 8 numbers or more and a text, got {count} in {line[:60]!r}")
        return ForeignWord(Points(flat_points(fields[:count])), ",".join(fields[count:]), False, place)

    def write_line(self, word: Word, size: Size, place: str, findings: Findings) -> str:
        """See `LineFormat`."""
        text = one_line(text_or_mark(word, place, findings), place, findings)
        if leading_numbers(text):
            findings.count("word whose text begins with a number, which reads as a coordinate", place)
        return f"{','.join(map(str, plain_flat(word.polygon)))},{text}"
