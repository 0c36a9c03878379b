"""Images in zip archives, a folder per class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np

from baseline_code.datasets.checks import check_distinct, check_known_classes, order_classes
from baseline_code.datasets.source import Labels, SourceError, Splits
from baseline_code.datasets.split import split_images
from baseline_code.files.duplicates import Content, StoredContent
from baseline_code.files.shown_text import listed
from baseline_code.images.formats import is_image_name
from baseline_code.images.reading import ImageReadError, Pixels, decode_image

MAX_FILE_BYTES = 1_000_000_000
"""A larger image file is refused: a small archive can hold files that fill any memory."""

_ENCRYPTED = 0x1  # bit of a member's flags


class ZipImages:
    """Images in an archive, read without unpacking it; every process opens the archive for itself.

    Args:
        path: the archive.
        members: (N,) what to read.
        labels: (N,) indices into `classes`.
        classes: their names.
    """

    def __init__(self, path: Path, members: Sequence[ZipInfo], labels: Sequence[int], classes: tuple[str, ...]) -> None:
        self.path = path
        self.names = tuple(member.filename for member in members)
        self.labels: Labels = np.asarray(labels, dtype=np.int64)
        self.classes = classes
        self._check_sums = [(member.CRC, member.file_size) for member in members]
        self._archive: ZipFile | None = None
        self._opened_by = -1

    def __len__(self) -> int:
        """Number of images."""
        return len(self.names)

    def __getstate__(self) -> dict[str, Any]:
        """Without the open archive, which cannot go to another process."""
        return {**vars(self), "_archive": None, "_opened_by": -1}

    def read(self, index: int) -> Pixels:
        """(H, W, 3) uint8 RGB.

        Raises:
            ImageReadError: if the member is damaged or no image.
        """
        return decode_image(self._bytes(index), f"{self.path}:{self.names[index]}")

    def content(self, index: int) -> Content:
        """The file's bytes; the archive has its check sum and size."""
        return StoredContent(self._check_sums[index], partial(self._bytes, index))

    def _bytes(self, index: int) -> bytes:
        name = self.names[index]
        if self._check_sums[index][1] > MAX_FILE_BYTES:
            raise ImageReadError(
                f"{self.path}:{name}: expected a file of at most {MAX_FILE_BYTES} bytes, "
                f"got {self._check_sums[index][1]}"
            )
        try:
            if self._archive is None or self._opened_by != os.getpid():
                # A file handle that was inherited by a fork has its position in common with the parent's.
                self._archive, self._opened_by = ZipFile(self.path), os.getpid()
            return self._archive.read(name)
        except Exception as error:  # zlib.error, BadZipFile, NotImplementedError, …
            found = str(error) or repr(error)
            raise ImageReadError(f"{self.path}:{name}: expected a whole file, got {found}; copy it again") from error


@dataclass(frozen=True)
class ZipSource:
    """Images in `<class>/…` of zip archives, below any one folder: `train/<class>/0001.jpg`, say.

    Args:
        train: archive of the training images.
        test: archive of the test images, or None.
        val: archive of the validation images, or None: split off the training images.
        val_fraction: fraction of each class for validation where `val` is None, in [0, 1); 0 makes none.
        seed: of the split.
        classes: folder names in the order of the labels (of two, the second is positive), or None: by alphabet.
    """

    train: str | Path
    test: str | Path | None = None
    val: str | Path | None = None
    val_fraction: float = 0.1
    seed: int = 0
    classes: Sequence[str] | None = None

    def load(self) -> Splits:
        """The splits; archives are listed now, images are read when they are asked for.

        Raises:
            SourceError: if an archive is missing, damaged, encrypted or laid out otherwise, or a class is unknown.
        """
        found = read_members(Path(self.train))
        classes = order_classes({name for name, _ in found}, self.classes, str(self.train))
        train = _images(Path(self.train), found, classes)
        test = None if self.test is None else self._held_out(Path(self.test), classes)
        if self.val is not None:
            return Splits(train, self._held_out(Path(self.val), classes), test)
        return split_images(train, self.val_fraction, 0.0, self.seed, str(self.train))._replace(test=test)

    def _held_out(self, path: Path, classes: tuple[str, ...]) -> ZipImages:
        """The validation or test split, in which a class may be missing."""
        found = read_members(path)
        check_known_classes({name for name, _ in found}, classes, str(path))
        return _images(path, found, classes)


def image_members(path: Path) -> list[ZipInfo]:
    """The images in an archive, in its order; one at least.

    Raises:
        SourceError: if there is no such archive, it is damaged, or holds no image.
    """
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except Exception as error:  # BadZipFile, NotImplementedError, struct.error, UnicodeDecodeError, …
        found = getattr(error, "strerror", None) or str(error) or repr(error)
        raise SourceError(f"{path}: expected a zip archive, got {found}") from error
    images = [member for member in members if is_image_name(member.filename)]
    images = [member for member in images if not member.filename.startswith("__MACOSX/")]
    if not images:
        raise SourceError(f"{path}: expected images (.jpg, .png, …) in the archive, got none")
    return images


def read_members(path: Path) -> list[tuple[str, ZipInfo]]:
    """(class, member) of each image in an archive, ordered by name.

    Raises:
        SourceError: if there is no such archive, or its images are not in one folder per class.
    """
    members = sorted(image_members(path), key=lambda member: member.filename)
    _check_members(path, members)
    places = [PurePosixPath(member.filename).parts for member in members]
    above = {parts[:-2] for parts in places}
    if len(above) != 1 or min(map(len, places)) < 2:
        example = next((name for name in places if len(name) < 2), max(places, key=len))
        raise SourceError(
            f"{path}: expected images as <class>/<image>, all below one folder, got {'/'.join(example)} among "
            f"{len(above)} folders of classes"
        )
    return [(parts[-2], member) for parts, member in zip(places, members, strict=True)]


def _check_members(path: Path, members: list[ZipInfo]) -> None:
    """Refuses what no honest archive of images holds."""
    names = [member.filename for member in members]
    outside = [name for name in names if name.startswith("/") or "\\" in name or ".." in name.split("/")]
    if outside:
        raise SourceError(f"{path}: expected paths inside the archive, got {len(outside)} outside: {listed(outside)}")
    check_distinct(names, "file", str(path))
    locked = [member.filename for member in members if member.flag_bits & _ENCRYPTED]
    if locked:
        raise SourceError(f"{path}: expected an archive without password, got {len(locked)} encrypted files")


def _images(path: Path, found: list[tuple[str, ZipInfo]], classes: tuple[str, ...]) -> ZipImages:
    return ZipImages(path, [member for _, member in found], [classes.index(name) for name, _ in found], classes)
