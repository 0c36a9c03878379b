"""Checkpoint files: written whole beside their target, and sealed by a hash of their content; without Lightning."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zipfile
from pathlib import Path

import torch

from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.files.shown_text import first_line

_END = b"PK\x05\x06"  # opens the last record of a zip archive, which torch's files are
_END_SIZE = 22  # of that record where the archive has no comment
_SEAL = b"sha256:"
_SEAL_SIZE = len(_SEAL) + 64
_CHUNK = 1 << 22


class DamagedFileError(ValueError):
    """A checkpoint whose content is not what was written."""


def save_sealed(content: object, path: str | os.PathLike[str]) -> None:
    """What `torch.save` writes, whole or not at all, with the SHA-256 of it as the comment of the zip archive.

    Args:
        content: anything that `torch.save` takes.
        path: where to; missing folders are made.

    Raises:
        OSError: naming `path`, if it cannot be written; an earlier file is then as it was.
    """
    buffer = io.BytesIO()
    torch.save(content, buffer)
    if bytes(buffer.getbuffer()[-_END_SIZE:-18]) != _END:
        raise RuntimeError("expected torch.save to write a zip archive without a comment, got another format")
    buffer.seek(-2, io.SEEK_END)
    buffer.truncate()
    digest = hashlib.sha256(buffer.getbuffer()).hexdigest()
    buffer.write(struct.pack("<H", _SEAL_SIZE) + _SEAL + digest.encode())
    write_bytes_atomic(path, buffer.getbuffer())


def check_whole(path: Path) -> None:
    """Refuses a damaged file: by its seal, or by the checksums of the zip archive where it has none.

    Raises:
        DamagedFileError: if it is not as it was written.
        OSError: if it cannot be read.
    """
    size = path.stat().st_size
    if size == 0:
        raise DamagedFileError("it is empty")
    with path.open("rb") as file:
        file.seek(max(0, size - _SEAL_SIZE))
        seal = file.read()
        if not seal.startswith(_SEAL):
            _check_archive(path)
            return
        file.seek(0)
        digest, remaining = hashlib.sha256(), size - _SEAL_SIZE - 2
        while remaining > 0:
            chunk = file.read(min(_CHUNK, remaining))
            digest.update(chunk)
            remaining -= len(chunk)
            if not chunk:
                break
    if digest.hexdigest().encode() != seal.removeprefix(_SEAL):
        raise DamagedFileError("its content does not match its SHA-256: it was damaged after it was written")


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            damaged, comment = archive.testzip(), archive.comment
    except Exception as error:  # damaged archives raise anything, from BadZipFile to NotImplementedError
        raise DamagedFileError(f"it is cut, or no checkpoint ({first_line(error)})") from error
    if comment:
        raise DamagedFileError("its end, which holds its SHA-256, was damaged after it was written")
    if damaged is not None:
        raise DamagedFileError(f"its part {damaged} does not match its checksum: it was damaged after it was written")
