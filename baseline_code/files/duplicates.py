"""Files, or images stored otherwise, that have the same bytes, and the fingerprint that these have in common."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol


def file_sha256(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits; the file is read in pieces.

    Raises:
        OSError: if it cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Content(Protocol):
    """Stored bytes."""

    @property
    def quick_key(self) -> Hashable:
        """Costs next to nothing; equal for equal bytes, such as their number."""
        ...

    @property
    def digest(self) -> bytes:
        """Hash of the bytes."""
        ...


class FileContent:
    """The bytes of a file, which is there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def quick_key(self) -> int:
        """Size of the file."""
        return self.path.stat().st_size

    @cached_property
    def digest(self) -> bytes:
        """Its sha256."""
        return hashlib.sha256(self.path.read_bytes()).digest()


class StoredContent(NamedTuple):
    """Bytes that are no file of their own, such as an archive's member."""

    quick_key: Hashable
    read: Callable[[], bytes]

    @property
    def digest(self) -> bytes:
        """Their sha256."""
        return hashlib.sha256(self.read()).digest()


def match_contents(contents: Sequence[Content], others: Sequence[Content]) -> list[int | None]:
    """For each content the number of the first among the others that has the same bytes; None where none has.

    Only contents with equal quick keys are hashed, so that the search costs next to nothing.
    """
    keys = [content.quick_key for content in contents]
    wanted = set(keys)
    first: dict[bytes, int] = {}
    hashed = set()
    for number, other in enumerate(others):
        key = other.quick_key
        if key in wanted:
            hashed.add(key)
            first.setdefault(other.digest, number)
    return [first.get(content.digest) if key in hashed else None for content, key in zip(contents, keys, strict=True)]
