"""What a run has found so far, in a file that is whole at any time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from baseline_code.files.atomic import write_text_atomic

Row = Mapping[str, str | int | float | bool | None]
RESULTS = "results.json"


class Record:
    """`results.json`: facts of the run, and by stage its status, facts and rows. One process writes at a time.

    Args:
        path: the file; made by `begin`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, facts: Mapping[str, Any]) -> None:
        """Starts anew with facts of the run."""
        self._write({**facts, "stages": {}})

    def read(self) -> dict[str, Any]:
        """All of it."""
        content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return content

    def stage(self, name: str) -> dict[str, Any]:
        """What is known of a stage; nothing before it has begun."""
        found: dict[str, Any] = self.read()["stages"].get(name, {})
        return found

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A stage's rows."""
        return list(self.stage(name).get("rows", []))

    def note(self, name: str, **facts: object) -> None:
        """Adds facts of a stage, or replaces them."""
        content = self.read()
        content["stages"].setdefault(name, {}).update(facts)
        self._write(content)

    def add(self, name: str, row: Row) -> None:
        """Adds a row to a stage's table."""
        self.note(name, rows=[*self.rows(name), dict(row)])

    def _write(self, content: Mapping[str, Any]) -> None:
        write_text_atomic(self.path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
