"""ICDAR 2017 and 2019 MLT: four corners, a script and a text."""

from __future__ import annotations

from collections.abc import Iterable

from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.icdar2015 import QUAD_LINE, Icdar2015, quad_numbers
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import one_line, text_or_mark
from ocr.annotations.words import Size, Word

SCRIPTS = frozenset(("Arabic", "Latin", "Chinese", "Japanese", "Korean", "Bangla", "Hindi", "Symbols", "Mixed", "None"))


class Icdar2017(Icdar2015):
    """`x1,y1,…,x4,y4,script,text`: the text is what follows the ninth comma."""

    name = "icdar2017"
    title = "ICDAR 2017/2019 MLT"

    def sniff(self, file: LabelFile) -> bool:
        """Eight numbers, and a script in half of the lines at least."""
        return scripts_prevail([file])

    def text_of(self, rest: str | None) -> str:
        """See `Icdar2015`."""
        script, comma, text = (rest or "").partition(",")
        if script.strip() not in SCRIPTS or not comma:
            raise ValueError(
                f"expected a script ({', '.join(sorted(SCRIPTS))}) and a text after the 8 numbers, got {rest!r}; "
                "labels without scripts are from=icdar2015"
            )
        return text

    def write_line(self, word: Word, size: Size, place: str, findings: Findings) -> str:
        """See `LineFormat`; the script is unknown: None for ignored words, else Latin."""
        text = one_line(text_or_mark(word, place, findings), place, findings)
        if not word.ignore:
            findings.count("word of unknown script, written as Latin", place)
        return f"{quad_numbers(word.polygon, size, place, findings)},{'None' if word.ignore else 'Latin'},{text}"


def scripts_prevail(files: Iterable[LabelFile]) -> bool:
    """Whether the ninth fields of a set's lines are scripts: all, or half at least, so that the others are faults."""
    rests = [found[2] or "" for file in files for line in file.first_lines if (found := QUAD_LINE.fullmatch(line))]
    scripts = sum(rest.partition(",")[0].strip() in SCRIPTS and "," in rest for rest in rests)
    return bool(rests) and 2 * scripts >= len(rests)
