"""Paths as tables name them."""

from __future__ import annotations

from pathlib import Path


def shown_path(path: Path) -> str:
    """A file or folder as tables name it: relative to the working directory where it lies below."""
    path, here = path.resolve(), Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
