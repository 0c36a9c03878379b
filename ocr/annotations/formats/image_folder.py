"""The images that labels are of, found by the names that labels give them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import takewhile
from pathlib import Path, PurePosixPath

from baseline_code.files.names import same_name
from baseline_code.images.listing import find_images
from baseline_code.images.reading import TRANSPOSED, open_image
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.words import Size


class ImageFile:
    """An image.

    Attributes:
        key: its path below the image folder, with forward slashes.
        path: the file.
    """

    def __init__(self, key: str, path: Path) -> None:
        self.key = key
        self.path = path

    @property
    def size(self) -> Size:
        """Width and height as displayed, px.

        Raises:
            baseline_code.images.reading.ImageReadError: if it cannot be read.
        """
        return self._frame[0]

    @property
    def orientation(self) -> int:
        """The EXIF orientation that displaying applies, 1 to 8."""
        return self._frame[1]

    @property
    def stored_size(self) -> Size:
        """Width and height before the EXIF orientation is applied, px."""
        width, height = self.size
        return (height, width) if self.orientation in TRANSPOSED else (width, height)

    @cached_property
    def _frame(self) -> tuple[Size, int]:
        with open_image(self.path) as image:
            return (image.width, image.height), image.orientation


class ImageFolder:
    """All images below a folder, hidden ones left out.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images = [ImageFile(path.relative_to(folder).as_posix(), path) for path in find_images(folder)]
        self._by_name = _Paths(self.images, lambda key: key)
        self._by_stem = _Paths(self.images, _without_ending)
        self._named: set[str] = set()

    def find(self, *names: str, near: LabelFile | None = None, stem: str | None = None) -> ImageFile:
        r"""The image that a path means: from the label file's folder, by shorter ends of it, at last by the file name.

        Args:
            names: paths, the likelier first; a backslash is a slash.
            near: the label file that has them; of several images that fit, the one nearest to it is meant.
            stem: a path without an ending, for when no name leads to an image.

        Raises:
            ValueError: if there is none, or several images fit.
        """
        found = self._first(self._by_name, names, near) or (stem and self.by_stem(stem, near=near)) or None
        if found is None:
            wanted = names[0] if names else stem
            raise ValueError(f"expected the image {wanted!r} in {self.folder}, found none{self._hint(names)}")
        return found

    def find_by_stem(self, *stems: str, near: LabelFile | None = None) -> ImageFile:
        """The image whose path without its ending, or else with it, is one of these, the likelier first.

        Args:
            stems: as seen from the label file's folder.
            near: the label file.

        Raises:
            ValueError: if there is none, or several images fit.
        """
        found = self.by_stem(*stems, near=near)
        if found is None:
            listed = " or ".join(dict.fromkeys(_parts(stem)[-1] for stem in stems))
            raise ValueError(f"expected an image named {listed} in {self.folder}, found none")
        return found

    def by_stem(self, *stems: str, near: LabelFile | None = None) -> ImageFile | None:
        """As `find_by_stem`; None where there is none."""
        return self._first(self._by_stem, stems, near) or self._first(self._by_name, stems, near)

    def has_stem(self, *stems: str, near: LabelFile | None = None) -> bool:
        """Whether an image may be the one of a label file."""
        return any(self._fitting(self._by_stem, stems, near)[1])

    def unnamed(self) -> list[ImageFile]:
        """Images that nobody has asked for."""
        return [image for image in self.images if image.key not in self._named]

    def _first(self, paths: _Paths, names: Sequence[str], near: LabelFile | None) -> ImageFile | None:
        name, found = self._fitting(paths, names, near)
        if len(found) > 1:
            keys = ", ".join(image.key for image in found)
            raise ValueError(f"expected one image {name!r}, got {keys}; name its folder in the labels, or by images=")
        if not found:
            return None
        self._named.add(found[0].key)
        return found[0]

    def _fitting(self, paths: _Paths, names: Sequence[str], near: LabelFile | None) -> tuple[str, list[ImageFile]]:
        """The first name that leads to images, and these: from the label's folder, `images` in it, or by ends of it."""
        folder: list[str] = []
        if near is not None:
            for name in (*names, *(f"images/{name}" for name in names)):
                found = paths.exact(self._path_from(near, name))
                if found:
                    return name, found
            folder = self._folder_of(near)
        for name in names:
            found = paths.ending(_parts(name), folder)
            if found:
                return name, found
        return "", []

    def _path_from(self, file: LabelFile, name: str) -> str:
        """Where a name leads from the folder of a label file, below the image folder; "" outside of it."""
        path = Path(os.path.normpath(file.path.parent.absolute() / name.replace("\\", "/")))
        root = Path(os.path.normpath(self.folder.absolute()))
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""

    def _folder_of(self, file: LabelFile) -> list[str]:
        """Folders that a label file is in, below the image folder, or else below the one that was given."""
        inside = self._path_from(file, file.path.name)
        return _parts(inside or file.name)[:-1]

    def _hint(self, names: Sequence[str]) -> str:
        stems = [_without_ending(parts[-1]) for name in names if (parts := _parts(name))]
        others = [image.key for stem in stems for image in self._by_stem.named(stem)]
        return f"; did you mean {others[0]}?" if others else ""


class _Paths:
    """Paths of images, as they are or without their endings.

    Args:
        images: the images.
        form: the path that an image's key becomes.
    """

    def __init__(self, images: Sequence[ImageFile], form: Callable[[str], str]) -> None:
        self._by_path: defaultdict[str, list[ImageFile]] = defaultdict(list)
        self._by_last: defaultdict[str, list[tuple[str, ImageFile]]] = defaultdict(list)
        for image in images:
            path = same_name(form(image.key))
            self._by_path[path].append(image)
            self._by_last[PurePosixPath(path).name].append((path, image))

    def named(self, last: str) -> list[ImageFile]:
        """Images whose path ends in a name."""
        return [image for _, image in self._by_last.get(last, ())]

    def exact(self, path: str) -> list[ImageFile]:
        """Images that have a path."""
        return self._by_path.get(same_name(path), [])

    def ending(self, parts: list[str], folder: list[str]) -> list[ImageFile]:
        """Images whose path ends like the longest end of a name that fits one, nearest to a label file.

        Args:
            parts: of the name.
            folder: of the label file; a name may begin there, or below any end of it.
        """
        candidates = self._by_last.get(parts[-1], []) if parts else []
        for end in _ends(parts) if candidates else ():
            for above in (*_ends(folder), []):
                path = "/".join([*above, *end])
                found = [one for one in candidates if one[0] == path or one[0].endswith(f"/{path}")]
                if found:
                    return _nearest(found, path, folder)
        return []


def _nearest(found: list[tuple[str, ImageFile]], path: str, folder: list[str]) -> list[ImageFile]:
    """Those that have most folders in common with the label file; of them, the one that has the whole path."""
    common = [_common(one.split("/")[:-1], folder) for one, _ in found]
    most = max(common)
    nearest = [one for one, count in zip(found, common, strict=True) if count == most]
    whole = [image for one, image in nearest if one == path]
    return whole or [image for _, image in nearest]


def _common(first: list[str], second: list[str]) -> int:
    """With how many equal entries two lists begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _ends(parts: list[str]) -> list[list[str]]:
    """Ends of a list, the longest first."""
    return [parts[start:] for start in range(len(parts))]


def _parts(name: str) -> list[str]:
    return [part for part in same_name(name).replace("\\", "/").split("/") if part not in ("", ".", "..")]


def _without_ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and "/" not in ending else name
