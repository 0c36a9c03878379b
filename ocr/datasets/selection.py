"""Which images to predict on: a file, a folder, or a split of the data by its name."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

from baseline_code.images.listing import images_to_predict
from ocr.annotations.layout import image_folder, labels_file
from ocr.annotations.reading import read_annotations, warn_of_unlabelled


class Images(Protocol):
    """Images by file name, and where each is stored."""

    @property
    def filenames(self) -> list[str]:
        """Their names, below their folders."""
        ...

    @property
    def folders(self) -> list[Path]:
        """One for each."""
        ...


class ImageSelection(NamedTuple):
    """Images by file name, and the folder of them all."""

    folder: Path
    filenames: list[str]

    @property
    def folders(self) -> list[Path]:
        """The folder, for each image."""
        return [self.folder] * len(self.filenames)


def select_images(images: str | Path, root: Path, *, recursive: bool = False) -> ImageSelection:
    """Resolves what a user typed.

    Args:
        images: a file; a folder, of which every file is taken, by name, that is an image; or the name of a split, whose
            annotation file gives the images and their order (without one: the folder's images by name). A warning
            counts and names what else a folder holds.
        root: folder of the data that splits are looked up in.
        recursive: whether to look into the sub-folders of a folder.

    Raises:
        FileNotFoundError: if there is no such file, folder or split.
        ValueError: if the folder holds no image.
    """
    path = Path(images)
    labels, folder = labels_file(root, str(images)), image_folder(root, str(images))
    if path.is_file():
        return ImageSelection(path.parent, [path.name])
    if labels.is_file() and not path.is_dir():
        names = list(read_annotations(labels))
        warn_of_unlabelled(names, folder, labels, f"; images={folder} takes all")
        return ImageSelection(folder, names)
    folder = path if path.is_dir() else folder
    if not folder.is_dir():
        elsewhere = "" if root.is_dir() else f"; there is no {root}: datasets.root=FOLDER says where the data are"
        raise FileNotFoundError(
            f"expected images= to be a file, a folder or a split of {root} (such as test), got {str(images)!r}"
            f"{elsewhere}"
        )
    return ImageSelection(folder, images_to_predict(folder, recursive=recursive))
