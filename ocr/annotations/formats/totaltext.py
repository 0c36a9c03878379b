"""Total-Text: polygons as numpy prints them, or as MATLAB stores them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import numpy as np

from ocr.annotations.formats.coordinates import points_of_axes
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
from ocr.annotations.formats.poorer_forms import plain
from ocr.annotations.formats.shapes import Points

_ENTRY = re.compile(r"^(?=[ \t]*x:)", re.MULTILINE)
_FIELDS = re.compile(
    r"\s*x:\s*\[\[(?P<x>[^\]]*)\]\]\s*,\s*y:\s*\[\[(?P<y>[^\]]*)\]\]"
    r"(?:\s*,\s*ornt:\s*\[(?P<orientation>[^\]]*)\])?(?:\s*,\s*transcriptions:\s*\[(?P<text>.*)\])?\s*",
    re.DOTALL,
)
DONT_CARE = "#"


class TotalText(PerImageFormat):
    """`x: [[…]], y: [[…]], ornt: [u'c'], transcriptions: [u'…']`, or a .mat file with `polygt`."""

    name = "totaltext"
    title = "Total-Text"
    suffixes = (".txt", ".mat")
    prefixes = ("poly_gt_", "gt_")

    def sniff(self, file: LabelFile) -> bool:
        """`x: [[`, or a MATLAB file."""
        if file.path.suffix.lower() == ".mat":
            return True
        return any(re.match(r"\s*x:\s*\[\[", line) for line in file.first_lines)

    def read_image(self, file: LabelFile, source: Source) -> ForeignImage:
        """See `PerImageFormat`."""
        words = []
        entries = _matlab_entries(file) if file.path.suffix.lower() == ".mat" else _text_entries(file.text())
        for place, entry in entries:
            with source.findings.faults_at(f"{file.name}, {place}"):
                xs, ys, orientation, text = _fields(entry) if isinstance(entry, str) else entry
                ignore = text in ("", DONT_CARE) or orientation == DONT_CARE
                words.append(ForeignWord(Points(points_of_axes(xs, ys)), text, ignore, f"{file.name}, {place}"))
        return ForeignImage(self.find_image(file, source.images), words, file.name)

    def write_image(self, image: LabelledImage, settings: LabelSettings, findings: Findings) -> str:
        """See `PerImageFormat`."""
        lines = []
        for place, word in image.numbered():
            xs, ys = (" ".join(str(plain(value)) for value in axis) for axis in word.polygon.T)
            if not word.ignore and word.text in ("", DONT_CARE):
                findings.count("word that reads as ignored, for want of a text", place)
            orientation = DONT_CARE if word.ignore else "m"
            lines.append(f"x: [[{xs}]], y: [[{ys}]], ornt: [u'{orientation}'], transcriptions: [u{word.text!r}]\n")
        return "".join(lines)


Entry = tuple[list[object], list[object], str, str]
"""x, y, orientation and text of a word."""


def _text_entries(text: str) -> Iterator[tuple[str, str]]:
    """Place and content of each entry; one may be wrapped over several lines."""
    line = 1
    for part in _ENTRY.split(text):
        if part.strip():
            yield f"line {line}", part
        line += part.count("\n")


def _fields(entry: str) -> Entry:
    found = _FIELDS.fullmatch(entry)
    if found is None:
        raise ValueError(f"expected x: [[…]], y: [[…]], ornt: […], transcriptions: […], got {entry[:60]!r}")
    orientation, text = (_literal(found[name]) for name in ("orientation", "text"))
    return [*found["x"].split()], [*found["y"].split()], orientation, text


def _literal(text: str | None) -> str:
    """The first string of a list of Python literals, "" where there is none."""
    if text is None or not text.strip():
        return ""
    try:
        value = ast.literal_eval(text.strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ValueError(f"expected a text as Python writes it, got {text[:60]!r}") from error
    first = value[0] if isinstance(value, list | tuple) and value else value
    return first if isinstance(first, str) else ""


def _matlab_entries(file: LabelFile) -> list[tuple[str, Entry]]:
    from scipy.io import loadmat  # half a second, for few files

    try:
        rows = loadmat(file.path)["polygt"]
    except Exception as error:  # of broken bytes it raises anything, from struct.error to zlib.error
        raise ValueError(f"expected a MATLAB file with polygt, got {error}; take the .txt form") from error
    return [(f"word {number}", _matlab_entry(row)) for number, row in enumerate(rows, start=1)]


def _matlab_entry(row: np.ndarray) -> Entry:
    """x:, x, y:, y, text and, where there is one, the orientation."""
    _, xs, _, ys, *texts = row
    text, orientation = ([*(str(np.ravel(cell)[0]) if np.size(cell) else "" for cell in texts), "", ""])[:2]
    return np.ravel(xs).tolist(), np.ravel(ys).tolist(), orientation, text
