"""A label file: UTF-8 text, its lines, JSON or XML."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

SNIFFED_LINES = 100
HINT = "export it again, or take it out of the folder"


class LabelFile:
    """One file.

    Args:
        path: where it is.
        name: what messages call it: its path below the folder that was given.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name

    @property
    def stem(self) -> str:
        """Its file name without the ending."""
        return self.path.name.rpartition(".")[0]

    def text(self) -> str:
        """The content.

        Raises:
            ValueError: if it is not UTF-8, with or without a byte order mark.
        """
        data = self.path.read_bytes()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            byte = f"byte 0x{data[error.start]:02x} at position {error.start}"
            raise ValueError(f"expected UTF-8 text, got {byte}; save it as UTF-8") from error

    def lines(self) -> list[tuple[int, str]]:
        """Number, from 1, and text of each line that is not blank; a line ends at LF or CR LF and nowhere else."""
        return _numbered(self.text())

    def json(self) -> object:
        """The content of a JSON file.

        Raises:
            ValueError: if it is none.
        """
        try:
            return json.loads(self.text())
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise ValueError(f"expected JSON, got an error at {place}: {error.msg}; {HINT}") from error
        except RecursionError as error:
            raise ValueError(f"expected JSON, got it nested too deep to be read; {HINT}") from error

    def xml(self) -> ElementTree.Element:
        """The root of an XML file.

        Raises:
            ValueError: if it is none.
        """
        try:
            return ElementTree.fromstring(self.text())
        except ElementTree.ParseError as error:
            raise ValueError(f"expected XML, got {error}; {HINT}") from error

    def is_damaged(self) -> bool:
        """Whether a file that is called JSON or XML is none, so that nothing says of which format it was."""
        read = {".json": self.json, ".xml": self.xml}.get(self.path.suffix.lower(), lambda: None)
        try:
            read()
        except ValueError:
            return True
        return False

    @cached_property
    def first_lines(self) -> list[str]:
        """The first 100 lines that are not blank, whatever the encoding, to tell the format by."""
        text = self.path.read_bytes().decode("utf-8-sig", "replace")
        return [line for _, line in _numbered(text)[:SNIFFED_LINES]]

    @cached_property
    def sniffed_json(self) -> object:
        """The content, to tell the format by; None where it is no JSON."""
        if self.path.suffix.lower() != ".json":
            return None
        try:
            return self.json()
        except ValueError:
            return None

    def holds(self, **kinds: type) -> bool:
        """Whether it is a JSON object with these keys, each with a value of the type given here."""
        content = self.sniffed_json
        return isinstance(content, dict) and all(isinstance(content.get(key), kind) for key, kind in kinds.items())

    @cached_property
    def sniffed_xml(self) -> ElementTree.Element | None:
        """The root, to tell the format by; None where it is no XML."""
        if self.path.suffix.lower() != ".xml":
            return None
        try:
            return self.xml()
        except ValueError:
            return None


def _numbered(text: str) -> list[tuple[int, str]]:
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
