"""Names of files: in the Unicode forms of systems and archives, as tables show them, and of unnamed outputs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal, TypeVar

FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")

MAX_NAME_BYTES = 255

T = TypeVar("T")


def find_file(path: Path) -> Path:
    """The file that a path means, where it may be there in another Unicode form (NFD, as macOS writes it).

    Args:
        path: as somebody wrote it.

    Returns:
        The path itself where something is there; else one whose name looks the same and is; else the path itself.
    """
    if path.exists():
        return path
    for form in FORMS:
        other = Path(unicodedata.normalize(form, str(path)))
        if other.exists():
            return other
    parent = find_file(path.parent) if path.parent != path else path
    wanted = same_name(path.name)
    if wanted.isascii() or not parent.is_dir():
        return path
    return next((child for child in parent.iterdir() if same_name(child.name) == wanted), path)


def is_plain_file_name(name: str) -> bool:
    """Whether a name that a file gives leads to a file beside it: no folder, no `..`, no drive."""
    return is_path_below(name) and not set(name) & set("/\\:")


def is_path_below(name: str) -> bool:
    r"""Whether a name that a file gives leads to a file below a folder: not absolute, no `..`, no NUL.

    A backslash counts as a slash. Names that no file system has are none: of more than 255 bytes, or with half of a
    surrogate pair that stands for no byte.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    try:
        lengths = [len(part.encode("utf-8", "surrogateescape")) for part in path.parts]
    except UnicodeEncodeError:
        return False
    is_inside = bool(path.name) and not path.is_absolute() and ".." not in path.parts and "\0" not in name
    return is_inside and max(lengths) <= MAX_NAME_BYTES


def same_name(name: str) -> str:
    """The form that names which look the same have in common."""
    return unicodedata.normalize("NFC", name)


def rename_like(values: Mapping[str, T], names: Iterable[str]) -> dict[str, T]:
    """Values by file name, under the form of the name that a list has.

    Args:
        values: by file name.
        names: how the other side writes them.

    Returns:
        The values in their order. A key that is in `names` but for its Unicode form has that form; others stay, as do
        those that would meet another.
    """
    known = set(names)
    strange = [key for key in values if key not in known]
    if not strange:
        return dict(values)
    form_of = {same_name(name): name for name in known if name not in values}
    renamed = {key: form_of.get(same_name(key), key) for key in strange}
    if len(set(renamed.values())) < len(renamed):
        return dict(values)
    return {renamed.get(key, key): value for key, value in values.items()}


def shown_path(path: Path) -> str:
    """A file or folder as tables name it: relative to the working directory where it lies below."""
    path, here = path.resolve(), Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def default_output(prefix: str = "") -> str:
    """Where a command writes to that was given no place: `submissions/<prefix><local time>`."""
    return f"submissions/{prefix}{datetime.now():%Y-%m-%d_%H-%M-%S}"
