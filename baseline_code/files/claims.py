"""Who may write a file or folder: one command at a time, and none replaces unasked what it did not write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.json_file import JsonFileError, read_json_object
from baseline_code.files.names import is_path_below

HINT = "choose another output="
MANIFEST = "generated.json"


class Claim:
    """Holds a file or folder against other commands, until it is released or the process ends, however it does.

    Args:
        path: an existing folder, or a file that need not exist.
        hint: what else a person may do.

    Raises:
        FileExistsError: if another command holds it.
    """

    def __init__(self, path: Path, hint: str = HINT) -> None:
        self._file = path / ".writing.lock" if path.is_dir() else path.with_name(f".{path.name}.writing.lock")
        self._made = [folder for folder in self._file.parents if not folder.exists()]  # the innermost first
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self._file, is_singleton=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise FileExistsError(f"{path} is being written by another command: {hint}") from error

    def release(self) -> None:
        """Lets others have it, and leaves neither a lock nor an empty folder that was made for it."""
        if self._lock.is_locked:
            with suppress(OSError):  # not empty, or a system that does not remove an open file
                self._file.unlink()
                for folder in self._made:
                    folder.rmdir()
            self._lock.release()


def refuse_overwrite(path: Path, *, overwrite: bool, read: Mapping[str, Path] | None = None, hint: str = HINT) -> None:
    """Refuses to replace what is there, unless that is asked for, and what the command reads in any case.

    Args:
        path: a file, or the one in a folder that says what the folder holds.
        overwrite: whether it may be replaced.
        read: files that the command reads, by the settings that name them; they are found through links, too.
        hint: what else a person may do.

    Raises:
        FileExistsError: naming it, with the hint.
    """
    for setting, file in (read or {}).items():
        if path.exists() and file.exists() and path.samefile(file):
            raise FileExistsError(f"{path}: expected a file that the command does not read, got {setting}: {hint}")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already: {hint}, or set overwrite=true")


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Holds a file or folder while the block runs; see `Claim`."""
    claim = Claim(path)
    try:
        yield
    finally:
        claim.release()


class Manifest:
    """The list of generated files in `folder/generated.json`.

    Args:
        folder: where the files are.
        settings: what they were made with, for the record.
    """

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        self.folder = folder
        self.settings = settings

    def claim(self, files: Iterable[str], *, overwrite: bool) -> set[str]:
        """Checks that writing would destroy nothing of others, and notes the files before they are there.

        Args:
            files: paths below the folder that will be written.
            overwrite: whether files of an earlier run may be replaced.

        Returns:
            Files of an earlier run that are not among `files`.

        Raises:
            FileExistsError: if the folder holds files and `overwrite` is false, or a file of others is in the way.
        """
        planned = set(files)
        if self.folder.exists() and not self.folder.is_dir():
            raise FileExistsError(f"expected {self.folder} to be a folder, got a file; choose another output")
        for there in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            refuse_overwrite(there, overwrite=overwrite)
        ours = self._read()
        foreign = sorted(name for name in planned - ours if (self.folder / name).exists())
        if foreign:
            raise FileExistsError(
                f"expected only generated files in the way, got {self.folder / foreign[0]}; move it or choose another "
                "output"
            )
        self.write(ours | planned)  # a run that is stopped can then be overwritten
        return ours - planned

    def write(self, files: Iterable[str]) -> None:
        """Notes these files as generated."""
        content = {**self.settings, "files": sorted(files)}
        write_text_atomic(self.folder / MANIFEST, json.dumps(content, separators=(",", ":")) + "\n")

    def _read(self) -> set[str]:
        """Files of an earlier run; none where it left no manifest."""
        path = self.folder / MANIFEST
        if not path.exists():
            return set()
        try:
            files = read_json_object(path, "a manifest of generated files").get("files")
        except JsonFileError as error:
            raise FileExistsError(
                f"expected a manifest of generated files, got {path} ({error}); move it or choose another output"
            ) from error
        if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
            raise FileExistsError(
                f"expected a manifest of generated files, got {path}; move it or choose another output"
            )
        return set(filter(is_path_below, files))  # a manifest edited by hand must not lead outside the folder
