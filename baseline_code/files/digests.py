"""Fingerprints of files: the same content anywhere has the same one."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def file_sha256(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits; the file is read in pieces.

    Raises:
        OSError: if it cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
