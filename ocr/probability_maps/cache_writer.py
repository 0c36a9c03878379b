"""Writes a folder of probability maps, map by map, from any number of threads."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, get_args

from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.files.claims import Claim
from baseline_code.images.encoding import encode_png
from ocr.probability_maps.cache_index import (
    INDEX,
    Bits,
    CachedImage,
    CacheError,
    CacheIndex,
    map_path,
    read_index,
    write_index,
)
from ocr.probability_maps.image_map import ImageMap, check_covers_image
from ocr.probability_maps.quantisation import to_8_bit, to_16_bit


class MapCacheWriter:
    """A cache being written: gray PNGs of 8 or 16 bits below `maps/`, and the index last.

    Used as a context manager it writes the index at the end, and after an exception none: a folder without an index is
    no cache, and may be written again.

    Args:
        folder: where to; made where it is missing.
        bits: per pixel; 8 take half the room and round to the nearest of 255 steps.
        source: where the maps come from, as plain JSON: checkpoint, settings that matter, commit.
        overwrite: replace a cache that is there; its index goes at once, its maps once the new one is whole.

    Raises:
        FileExistsError: if the folder holds a cache and `overwrite` is false, or another command writes one there.
        ValueError: if `bits` is neither 8 nor 16, or `source` is no plain JSON.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        bits: Bits = 16,
        source: Mapping[str, Any],
        overwrite: bool = False,
    ) -> None:
        if bits not in get_args(Bits):
            raise ValueError(f"expected 8 or 16 bits per pixel, got {bits}")
        self.folder = Path(folder)
        self.bits = bits
        self.source = _plain_json(source)
        self._images: dict[str, CachedImage] = {}
        self._claimed: set[str] = set()
        self._lock = Lock()
        self._is_open = True
        self.folder.mkdir(parents=True, exist_ok=True)
        self._claim = Claim(self.folder, "choose another folder for its maps")
        try:
            self._stale = _take_over(self.folder, overwrite=overwrite)
        except BaseException:
            self._claim.release()
            raise

    def __enter__(self) -> MapCacheWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and self._is_open:
                self.close()
        finally:
            self._claim.release()

    def add(self, image_map: ImageMap, image_sha256: str) -> None:
        """Write one image's map; many threads may do so at a time.

        Args:
            image_map: as `crop_to_image` and `fuse_views` give it; its labels are not kept.
            image_sha256: fingerprint of the image's file, see `file_sha256`.

        Raises:
            ValueError: naming the image, if it is there already, its name leads out of the folder, or the map does
                not cover it exactly; or if the cache is closed.
            OSError: if the map cannot be written.
        """
        record, probability = image_map
        relative = map_path(record.filename)
        check_covers_image(image_map)
        self._claim_name(record.filename)
        data = encode_png(to_8_bit(probability) if self.bits == 8 else to_16_bit(probability))
        write_bytes_atomic(self.folder / relative, data)
        first, second, third = (tuple(row) for row in record.input_to_original.tolist())
        with self._lock:
            self._images[record.filename] = CachedImage(
                width=record.width_original,
                height=record.height_original,
                input_to_original=(first, second, third),
                map=relative,
                map_sha256=hashlib.sha256(data).hexdigest(),
                image_sha256=image_sha256,
            )

    def close(self, order: Sequence[str] | None = None) -> None:
        """Write the index: from now on the folder is a cache.

        Args:
            order: names of the images as they were asked for, also of those without a map; by default the order in
                which they were added.

        Raises:
            ValueError: if `order` lacks an image that was added, or has one twice, or the cache is closed.
        """
        with self._lock:
            self._check_open()
            ordered = list(self._images) if order is None else [name for name in order if name in self._images]
            lacking = sorted(set(self._images).difference(ordered))
            if lacking or len(ordered) != len(self._images):
                raise ValueError(
                    f"{self.folder}: expected the order to name each of {len(self._images)} images once, "
                    f"got {len(ordered)} of them without {lacking[:5]}"
                )
            index = CacheIndex(self.bits, self.source, {name: self._images[name] for name in ordered})
            write_index(self.folder, index)
            self._is_open = False
        for relative in self._stale.difference(image.map for image in index.images.values()):
            (self.folder / relative).unlink(missing_ok=True)
        self._claim.release()

    def _claim_name(self, filename: str) -> None:
        with self._lock:
            self._check_open()
            if filename in self._claimed:
                raise ValueError(f"{filename}: expected each image once, got it again for {self.folder}")
            self._claimed.add(filename)

    def _check_open(self) -> None:
        if not self._is_open:
            raise ValueError(f"{self.folder}: expected a cache that is being written, got one that is closed")


def _take_over(folder: Path, *, overwrite: bool) -> set[str]:
    """Take an older index away, and give the paths of its maps."""
    if (folder / INDEX).exists() and not overwrite:
        raise FileExistsError(
            f"{folder} holds a cache of probability maps already: choose another folder, or set overwrite=true"
        )
    try:
        stale = {image.map for image in read_index(folder).images.values()}
    except CacheError:
        stale = set()
    (folder / INDEX).unlink(missing_ok=True)
    return stale


def _plain_json(source: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping as it will be read back."""
    try:
        plain: dict[str, Any] = json.loads(json.dumps(dict(source), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"expected the source of the maps to be plain JSON, got {error}") from error
    return plain
