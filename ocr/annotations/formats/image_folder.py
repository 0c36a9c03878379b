"""The images that labels are of, found by the names that labels give them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

from baseline_code.files.names import same_name
from baseline_code.images.listing import find_images
from baseline_code.images.reading import TRANSPOSED, open_image
from ocr.annotations.formats.coordinates import Size


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
        self._by_name = _index(self.images, lambda key: key)
        self._by_stem = _index(self.images, _without_ending)
        self._named: set[str] = set()

    def find(self, *names: str, stem: str | None = None) -> ImageFile:
        r"""The image that a path means: as a whole, by shorter ends of it, at last by the file name.

        Args:
            names: paths, the likelier first; a backslash is a slash.
            stem: a path without an ending, for when no name leads to an image.

        Raises:
            ValueError: if there is none, or several images fit.
        """
        found = self._first(self._by_name, names, lambda key: key) or (stem and self.by_stem(stem)) or None
        if found is None:
            wanted = names[0] if names else stem
            raise ValueError(f"expected the image {wanted!r} in {self.folder}, found none{self._hint(names)}")
        return found

    def find_by_stem(self, *stems: str) -> ImageFile:
        """The image whose path without its ending, or else with it, is one of these, the likelier first.

        Raises:
            ValueError: if there is none, or several images fit.
        """
        found = self.by_stem(*stems)
        if found is None:
            raise ValueError(f"expected an image named {' or '.join(stems)} in {self.folder}, found none")
        return found

    def by_stem(self, *stems: str) -> ImageFile | None:
        """As `find_by_stem`; None where there is none."""
        found = self._first(self._by_stem, stems, _without_ending)
        return found or self._first(self._by_name, stems, lambda key: key)

    def has_stem(self, *stems: str) -> bool:
        """Whether an image may be the one of a label file."""
        return any(_match(self._by_stem, _parts(stem), _without_ending) for stem in stems)

    def unnamed(self) -> list[ImageFile]:
        """Images that nobody has asked for."""
        return [image for image in self.images if image.key not in self._named]

    def _first(
        self, index: dict[str, list[ImageFile]], names: Sequence[str], form: Callable[[str], str]
    ) -> ImageFile | None:
        for name in names:
            found = _match(index, _parts(name), form)
            if len(found) > 1:
                raise ValueError(f"expected one image {name!r}, got {', '.join(image.key for image in found)}")
            if found:
                self._named.add(found[0].key)
                return found[0]
        return None

    def _hint(self, names: Sequence[str]) -> str:
        stems = [_without_ending(parts[-1]) for name in names if (parts := _parts(name))]
        others = [image.key for stem in stems for image in self._by_stem.get(stem, ())]
        return f"; did you mean {others[0]}?" if others else ""


def _match(index: dict[str, list[ImageFile]], parts: list[str], form: Callable[[str], str]) -> list[ImageFile]:
    """Images whose path ends like the longest end of the parts that fits one; a whole path before longer ones."""
    candidates = index.get(parts[-1], []) if parts else []
    paths = {image: same_name(form(image.key)) for image in candidates}
    for start in range(len(parts)):
        end = "/".join(parts[start:])
        whole = [image for image, path in paths.items() if path == end]
        found = whole or [image for image, path in paths.items() if path.endswith(f"/{end}")]
        if found:
            return found
    return []


def _index(images: Sequence[ImageFile], form: Callable[[str], str]) -> dict[str, list[ImageFile]]:
    index: defaultdict[str, list[ImageFile]] = defaultdict(list)
    for image in images:
        index[same_name(PurePosixPath(form(image.key)).name)].append(image)
    return index


def _parts(name: str) -> list[str]:
    return [part for part in same_name(name).replace("\\", "/").split("/") if part not in ("", ".", "..")]


def _without_ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and "/" not in ending else name
