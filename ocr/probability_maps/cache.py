"""A folder of probability maps, read back only where it is whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from baseline_code.files.duplicates import file_sha256
from baseline_code.files.shown_text import listed
from baseline_code.images.reading import MAX_PIXELS
from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation
from ocr.probability_maps.cache_index import INDEX, CacheError, read_index
from ocr.probability_maps.image_map import ImageMap, check_covers_image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG = _SIGNATURE + b"\0\0\0\x0dIHDR"  # then width and height of 4 bytes, bits, and 0 for grey
_NO_MAP = "expected a probability map as PNG, got another file; predict the maps again"


class MapCache:
    """Probability maps that `MapCacheWriter` wrote; threads may read them at a time.

    Args:
        folder: with `index.json` and `maps/`.

    Raises:
        CacheError: if there is no index, it does not hold, or it is of another version.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._index = read_index(self.folder)

    def __len__(self) -> int:
        return len(self._index.images)

    @property
    def bits(self) -> int:
        """Per pixel: 8 or 16."""
        return self._index.bits

    @property
    def source(self) -> Mapping[str, Any]:
        """Where the maps come from, as given to the writer."""
        return self._index.source

    @property
    def filenames(self) -> tuple[str, ...]:
        """Of the images, in the order in which they were asked for."""
        return tuple(self._index.images)

    @property
    def image_sha256(self) -> Mapping[str, str]:
        """Fingerprints of the images' files, by name."""
        return {filename: image.image_sha256 for filename, image in self._index.images.items()}

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the index, which holds those of all maps: equal ones stand for equal caches."""
        return file_sha256(self.folder / INDEX)

    def read(self, filename: str) -> ImageMap:
        """One image's map, uint8 or uint16, without labels.

        Raises:
            CacheError: naming the file, if the image is not in the cache or its map is missing or damaged.
        """
        image = self._index.images.get(filename)
        if image is None:
            got = listed(map(repr, self.filenames))
            raise CacheError(f"{self.folder}: expected a map of {filename!r}, got {got} only")
        path = self.folder / image.map
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CacheError(
                f"{path}: expected the map of {filename!r}, got {error}; predict the maps again"
            ) from error
        if hashlib.sha256(data).hexdigest() != image.map_sha256:
            raise CacheError(f"{path}: damaged, its sha256 is not {image.map_sha256[:12]}…; predict the maps again")
        record = ImageRecord(filename, image.width, image.height, np.array(image.input_to_original))
        try:
            check_covers_image(ImageMap(record, _announced(data)))  # before any memory of that size is taken
            levels: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
            if levels is None:
                raise ValueError(_NO_MAP)
            image_map = ImageMap(record, levels)
            check_covers_image(image_map)
        except ValueError as error:
            raise CacheError(f"{path}: {error}") from error
        return image_map

    def labelled(
        self, annotations: Mapping[str, ImageAnnotation], only: Collection[str] | None = None
    ) -> Iterator[ImageMap]:
        """Maps with their labels, in the cache's order, read one by one.

        Args:
            annotations: of exactly the cache's images, by the cache's names.
            only: names of the images that are read; None: all.

        Raises:
            CacheError: at once, naming the images that have no map or no annotation, or whose annotation is of
                another size; later, where a map is missing or damaged.
        """
        self._check_images(annotations)
        chosen = (filename for filename in self.filenames if only is None or filename in only)
        return (self._label(filename, annotations[filename]) for filename in chosen)

    def _label(self, filename: str, annotation: ImageAnnotation) -> ImageMap:
        record, probability = self.read(filename)
        return ImageMap(replace(record, polygons=annotation.polygons, ignore=annotation.ignore), probability)

    def _check_images(self, annotations: Mapping[str, ImageAnnotation]) -> None:
        without_map = [repr(name) for name in annotations if name not in self._index.images]
        without_labels = [repr(name) for name in self.filenames if name not in annotations]
        if without_map or without_labels:
            raise CacheError(
                f"{self.folder}: expected maps of exactly the annotated images, got "
                f"{len(without_map)} without a map ({listed(without_map)}) and "
                f"{len(without_labels)} without an annotation ({listed(without_labels)}): check the split"
            )
        for filename, image in self._index.images.items():
            annotation = annotations[filename]
            annotated = annotation.width or image.width, annotation.height or image.height
            if annotated != (image.width, image.height):
                raise CacheError(
                    f"{self.folder}: expected {filename!r} of {annotated[0]} x {annotated[1]} px as annotated, "
                    f"got the map of one of {image.width} x {image.height} px: is it the same data?"
                )


def _announced(data: bytes) -> npt.NDArray[np.uint8]:
    """(H, W) zeros, which take no memory, of the size in a PNG's header.

    Raises:
        ValueError: if the writer writes no such header, the map is larger than any, or a chunk is longer than the file:
            OpenCV takes memory for what is announced.
    """
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    place = len(_SIGNATURE)
    while place < len(data):
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    if place > len(data) or not data.startswith(_PNG) or data[24:26] not in (b"\x08\0", b"\x10\0"):
        raise ValueError(_NO_MAP)
    if not 0 < width * height <= MAX_PIXELS:
        raise ValueError(
            f"expected a map of at most {MAX_PIXELS} pixels, got {width} x {height}; predict the maps again"
        )
    return np.broadcast_to(np.uint8(0), (height, width))


def check_one_shrink_ratio(caches: Iterable[MapCache], expected: float | None = None) -> None:
    """Refuses maps of regions that were shrunk by different ratios: their mean is unclipped rightly by none of these.

    Args:
        caches: of detectors or ensembles; those that do not say by what their detectors were trained with pass.
        expected: the ratio that all must have; None: that of the first one.

    Raises:
        ValueError: naming the maps.
    """
    if expected is None:
        asked, hint = (
            "models.head.shrink_ratio",
            "vote on their prediction files instead, which may be of any detector",
        )
    else:
        asked, hint = "this training's models.head.shrink_ratio", "take maps of others, or train with that ratio"
    first = None
    for cache in caches:
        for ratio in _shrink_ratios(cache.source):
            expected = ratio if expected is None else expected
            first = cache if first is None else first  # an empty cache is one, too
            if ratio != expected:
                raise ValueError(
                    f"{cache.folder}: expected maps of detectors that were trained with {asked}={expected:g}"
                    f"{'' if first is cache else f', as {first.folder}'}, got {ratio:g}: these regions are of another "
                    f"size; {hint}"
                )


def _shrink_ratios(source: Mapping[str, Any]) -> Iterator[float]:
    if source.get("shrink_ratio") is not None:
        yield float(source["shrink_ratio"])
    for member in source.get("members", ()):
        yield from _shrink_ratios(member)
