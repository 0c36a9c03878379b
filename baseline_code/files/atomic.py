"""Files that are written whole or not at all."""

import os
import re
import secrets
from pathlib import Path

_TEMPORARY = re.compile(r"\..+\.\d+\.[0-9a-f]{8}\.tmp")


def write_text_atomic(path: str | os.PathLike[str], text: str) -> None:
    r"""Write a UTF-8 text file whole or not at all; see `write_bytes_atomic`.

    What has no bytes in UTF-8, such as a file name in another encoding, is written with escapes (`\udce9`), by which
    JSON gives the same name again.

    Args:
        path: where to; missing folders are made.
        text: the content; its line ends are kept as they are.
    """
    write_bytes_atomic(path, text.encode("utf-8", "backslashreplace"))


def write_bytes_atomic(path: str | os.PathLike[str], data: bytes | memoryview) -> None:
    """Write a file whole or not at all, whenever the process or the machine stops.

    The bytes go to a hidden file in the same folder (a rename across file systems is a copy), are forced to the disk,
    and take the place of the old file in one step. A reader sees the old content or the new one. A symbolic link stays
    and its target is replaced; the permissions of an existing file are kept.

    Args:
        path: where to; missing folders are made.
        data: the content.

    Raises:
        OSError: naming the file, if it cannot be written; an older file is then as it was, and nothing else is left
            behind.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name[:60]}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.is_file():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    except BaseException as error:  # an interrupt by the user leaves nothing behind either
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, f"could not be written ({error.strerror})", str(path)) from error
        raise
    _sync_folder(target.parent)


def remove_leftovers(folder: Path) -> None:
    """Removes what processes that were killed while writing left in a folder; for one that nobody else writes to."""
    for path in folder.glob(".*.tmp"):
        if _TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Force the renaming itself to the disk, where the system knows how."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:  # some network file systems cannot sync a folder; the file itself is safe
        return
    finally:
        os.close(descriptor)
