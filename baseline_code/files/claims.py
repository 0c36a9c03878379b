"""Files and folders that one command at a time writes to, and that none replaces unasked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout


class Claim:
    """Holds a file or folder against other commands, until it is let go or the process ends, however it does.

    Args:
        path: an existing folder, or a file that need not exist.
        way_on: what else a person may do.

    Raises:
        FileExistsError: if another command holds it.
    """

    def __init__(self, path: Path, way_on: str = "choose another output=") -> None:
        self._file = path / ".writing.lock" if path.is_dir() else path.with_name(f".{path.name}.writing.lock")
        self._made = [folder for folder in self._file.parents if not folder.exists()]  # the innermost first
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self._file, is_singleton=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise FileExistsError(f"{path} is being written by another command: {way_on}") from error

    def let_go(self) -> None:
        """Lets others have it, and leaves neither a lock nor an empty folder that was made for it."""
        if self._lock.is_locked:
            with suppress(OSError):  # not empty, or a system that does not remove an open file
                self._file.unlink()
                for folder in self._made:
                    folder.rmdir()
            self._lock.release()


def refuse_overwrite(path: Path, *, overwrite: bool, way_on: str = "choose another output=") -> None:
    """Refuses to replace what is there, unless that is asked for.

    Args:
        path: a file, or the one in a folder that says what the folder holds.
        overwrite: whether it may be replaced.
        way_on: what else a person may do.

    Raises:
        FileExistsError: naming it, and both ways on.
    """
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already: {way_on}, or set overwrite=true")


@contextmanager
def claimed(path: Path, way_on: str = "choose another output=") -> Iterator[None]:
    """Holds a file or folder while the block runs; see `Claim`."""
    claim = Claim(path, way_on)
    try:
        yield
    finally:
        claim.let_go()
