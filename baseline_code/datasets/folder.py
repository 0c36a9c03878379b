"""A folder of images per class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from baseline_code.datasets.checks import check_known_classes, order_classes
from baseline_code.datasets.labelled import ImageFiles
from baseline_code.datasets.source import SourceError, Splits
from baseline_code.datasets.split import split_images
from baseline_code.images.listing import find_images

SPLITS = ("train", "val", "test")
_OTHER_NAMES = {"training": "train", "valid": "val", "validation": "val", "testing": "test"}


@dataclass(frozen=True)
class FolderSource:
    """Images in `root/{train,val,test}/<class>/`, or in `root/<class>/` to be split.

    With `root/train`, a missing `root/val` is split off the training images, and a missing `root/test` means no test
    split. Files that do not end like images, and hidden ones, are passed over.

    Args:
        root: the folder.
        val_fraction: fraction of each class for validation where there is no `root/val`, in [0, 1); 0 makes none.
        test_fraction: fraction for the test split where there is no `root/train`, in [0, 1); 0 makes none.
        seed: of the split.
        classes: folder names in the order of the labels (of two, the second is positive), or None: by alphabet.
    """

    root: str | Path
    val_fraction: float = 0.2
    test_fraction: float = 0.0
    seed: int = 0
    classes: Sequence[str] | None = None

    def load(self) -> Splits:
        """The splits; images are read when they are asked for.

        Raises:
            SourceError: if folders are missing or empty, hold fewer than two classes or an unknown one, or a split has
                another name.
        """
        root = Path(self.root)
        if not root.is_dir():
            raise SourceError(f"{root}: expected a folder of images, got {'a file' if root.exists() else 'nothing'}")
        _check_split_names(root)
        complete = root / "train" if (root / "train").is_dir() else root
        folders = _class_folders(complete)
        images = self._images(folders, order_classes(folders, self.classes, str(complete)))
        if complete == root:
            return split_images(images, self.val_fraction, self.test_fraction, self.seed, str(root))
        val, test = (self._held_out(root / name, images.classes) for name in ("val", "test"))
        if val is not None:
            return Splits(images, val, test)
        return split_images(images, self.val_fraction, 0.0, self.seed, str(complete))._replace(test=test)

    def _held_out(self, folder: Path, classes: tuple[str, ...]) -> ImageFiles | None:
        """The validation or test split, in which a class may be missing; None where there is no folder."""
        if not folder.is_dir():
            return None
        folders = _class_folders(folder)
        check_known_classes(folders, classes, str(folder))
        return self._images(folders, classes)

    def _images(self, folders: dict[str, list[Path]], classes: tuple[str, ...]) -> ImageFiles:
        root = Path(self.root)
        names = [path.relative_to(root).as_posix() for paths in folders.values() for path in paths]
        labels = [classes.index(name) for name, paths in folders.items() for _ in paths]
        return ImageFiles(root, names, labels, classes)


def _check_split_names(root: Path) -> None:
    """Refuses a split that has another name: `Train` would be taken for a class, `valid` beside `train` passed over.

    Raises:
        SourceError: naming the folder and the name that it needs.
    """
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        name = _OTHER_NAMES.get(folder.name.lower(), folder.name.lower())
        if name in SPLITS and not (root / name).is_dir() and any(path.is_dir() for path in folder.iterdir()):
            raise SourceError(
                f"{folder}: expected the {name} split in a folder {name!r}, got {folder.name!r}: rename it"
            )


def _class_folders(folder: Path) -> dict[str, list[Path]]:
    """Class name -> images of each folder in a folder.

    Raises:
        SourceError: if there is no folder, or one without images.
    """
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not folders:
        raise SourceError(f"{folder}: expected a folder of images per class, got no folder")
    found = {path.name: find_images(path) for path in folders}
    empty = [name for name, paths in found.items() if not paths]
    if empty:
        raise SourceError(f"{folder / empty[0]}: expected images (.jpg, .png, …), got none; fill or remove the folder")
    return found
