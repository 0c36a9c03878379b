"""Which pictures to predict on: a file, a folder, or a part of the data by its name."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

from ocr.datasets.annotations import read_annotations

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


class Pictures(Protocol):
    """Pictures by file name, and where each lies."""

    @property
    def filenames(self) -> list[str]:
        """Their names, below their folders."""
        ...

    @property
    def folders(self) -> list[Path]:
        """One for each."""
        ...


class ImageSelection(NamedTuple):
    """Pictures by file name, and the folder that they all lie in."""

    folder: Path
    filenames: list[str]

    @property
    def folders(self) -> list[Path]:
        """The folder, for each picture."""
        return [self.folder] * len(self.filenames)


def select_images(images: str | Path, root: Path) -> ImageSelection:
    """Resolves what a user typed.

    Args:
        images: a file; a folder, of which every file with the suffix of a picture is taken, by name; or the name of a
            part, whose annotation file gives the order (without one: the folder's pictures by name).
        root: folder of the data that parts are looked up in.

    Raises:
        FileNotFoundError: if there is no such file, folder or part.
        ValueError: if the folder holds no picture.
    """
    path = Path(images)
    labels = root / "jsons" / f"{images}.json"
    folder = root / "images" / path
    if path.is_file():
        return ImageSelection(path.parent, [path.name])
    if labels.is_file() and not path.is_dir():
        return ImageSelection(folder, list(read_annotations(labels)))
    folder = path if path.is_dir() else folder
    if not folder.is_dir():
        raise FileNotFoundError(
            f"expected images= to be a file, a folder or a part of {root} (such as test), got {str(images)!r}"
        )
    files = (file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES and not file.is_dir())
    filenames = sorted(file.name for file in files)
    if not filenames:
        raise ValueError(f"expected pictures ({' '.join(sorted(IMAGE_SUFFIXES))}) in {folder}, found none")
    return ImageSelection(folder, filenames)
