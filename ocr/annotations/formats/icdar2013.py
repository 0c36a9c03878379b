"""ICDAR 2013, focused scene text: an upright box and a text in quotes."""

from __future__ import annotations

import re

from ocr.annotations.formats.coordinates import NUMBER, numbers
from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.interface import ForeignWord, LineFormat
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import one_line, text_or_mark, upright_box, whole
from ocr.annotations.formats.shapes import box_of_corners
from ocr.annotations.words import Size, Word

_LINE = re.compile(rf"\s*({NUMBER})" + rf"(?:\s*,\s*|\s+)({NUMBER})" * 3 + r"(?:(?:\s*,\s*|\s+)(.*))?", re.DOTALL)


class Icdar2013(LineFormat):
    """`left, top, right, bottom, "text"`, with commas or blanks between; `###` marks ignored words."""

    name = "icdar2013"
    title = "ICDAR 2013"
    prefixes = ("gt_",)

    def sniff(self, file: LabelFile) -> bool:
        """Four numbers and a quote."""
        found = filter(None, map(_LINE.fullmatch, file.first_lines))
        return any((one[5] or "").startswith('"') for one in found)

    def read_line(self, line: str, place: str) -> ForeignWord:
        """See `LineFormat`; only the outer pair of quotes goes."""
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f'expected 4 numbers and a "text", got {line[:60]!r}')
        box = box_of_corners(numbers(found.groups()[:4]))
        text = found[5] or ""
        quoted = text.strip()
        if len(quoted) > 1 and quoted[0] == quoted[-1] == '"':
            text = quoted[1:-1]
        return ForeignWord(box, text, False, place)

    def write_line(self, word: Word, size: Size, place: str, findings: Findings) -> str:
        """See `LineFormat`."""
        corners = upright_box(word.polygon, place, findings)
        text = one_line(text_or_mark(word, place, findings), place, findings)
        return f'{", ".join(map(str, whole(corners, place, findings)))}, "{text}"'
