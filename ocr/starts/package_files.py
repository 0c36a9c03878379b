"""The file of a detector in an installed package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from baseline_code.weights import package_files
from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.package_files import PackageFile
from ocr.starts.errors import StartError


def find_package_file(files: Sequence[PackageFile]) -> Path:
    """The first of these files that is there.

    Raises:
        StartError: if none of the packages is installed, or a file is not the one that is known.
    """
    try:
        return package_files.find_package_file(files)
    except PretrainedWeightsError as error:
        raise StartError(str(error)) from error
