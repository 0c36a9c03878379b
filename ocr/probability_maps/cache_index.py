"""The index of a folder of probability maps: what is in it, and where it came from."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal, get_args

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.json_file import JsonFileError, read_json
from ocr.annotations.fields import MAX_SIDE

INDEX = "index.json"
MAPS = "maps"
FORMAT = "probability maps"
VERSION = 1

Bits = Literal[8, 16]
Row = tuple[float, float, float]


class CacheError(ValueError):
    """A folder that is no cache of probability maps, or one that is damaged; the message says which file and why."""


@dataclass(frozen=True)
class CachedImage:
    """One image's entry; `map` is a path below the cache's folder, with forward slashes."""

    width: int  # of the image, px
    height: int
    input_to_original: tuple[Row, Row, Row]  # from the map to the image
    map: str
    map_sha256: str  # of the map's file
    image_sha256: str  # of the image's file


@dataclass(frozen=True)
class CacheIndex:
    """All that `index.json` says: the images by name, in the order in which they were asked for."""

    bits: Bits
    source: Mapping[str, Any]  # plain JSON: checkpoint, settings, commit
    images: Mapping[str, CachedImage]


def map_path(filename: str) -> str:
    r"""Where the map of an image lies below the cache's folder.

    Args:
        filename: the image's name below its folder; it may have folders of its own.

    Raises:
        ValueError: if the name is empty, absolute or not in its shortest form, or has `..`, `\` or a drive in it.
    """
    path = PurePosixPath(filename)
    is_plain = bool(path.name) and not path.is_absolute() and path.as_posix() == filename and ".." not in path.parts
    if not is_plain or "\\" in filename or "\0" in filename or PureWindowsPath(filename).drive:
        raise ValueError(f"expected the name of an image below its folder, got {filename!r}")
    return f"{MAPS}/{filename}.png"


def write_index(folder: Path, index: CacheIndex) -> None:
    """Write the index, whole or not at all; one line per image."""
    head = {"format": FORMAT, "version": VERSION, "bits": index.bits, "source": dict(index.source)}
    fields = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    images = [
        f"{json.dumps(filename, ensure_ascii=False)}: {json.dumps(asdict(image), ensure_ascii=False)}"
        for filename, image in index.images.items()
    ]
    write_text_atomic(folder / INDEX, "{" + ",\n".join([*fields, '"images": {\n' + ",\n".join(images) + "\n}"]) + "}\n")


def read_index(folder: str | os.PathLike[str]) -> CacheIndex:
    """Read the index of a cache.

    Raises:
        CacheError: if there is none, it does not hold, or it is of another version; it says what to do.
    """
    path = Path(folder) / INDEX
    if not path.is_file():
        raise CacheError(
            f"{folder}: expected a cache of probability maps, got no {INDEX} there: write one by "
            f"runners/predict.py … save_maps={folder} (one that was interrupted has none)"
        )
    try:
        document = read_json(path, "an index of probability maps")
    except JsonFileError as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise CacheError(f"{path}: damaged: {reason}; predict the maps again") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CacheError(f"{path}: expected the index of a cache of probability maps, got another file")
    if document.get("version") != VERSION:
        raise CacheError(f"{path}: expected version {VERSION}, got {document.get('version')!r}: predict the maps again")
    try:
        return _parse(document)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise CacheError(f"{path}: damaged: {error!r}; predict the maps again") from error


def _parse(document: Mapping[str, Any]) -> CacheIndex:
    bits, source = document["bits"], document["source"]
    if bits not in get_args(Bits) or not isinstance(source, dict):
        raise ValueError(f"expected 8 or 16 bits and a source with names, got {bits!r} and {source!r}")
    return CacheIndex(
        bits, source, {filename: _parse_image(filename, entry) for filename, entry in document["images"].items()}
    )


def _parse_image(filename: str, entry: Mapping[str, Any]) -> CachedImage:
    first, second, third = ((float(a), float(b), float(c)) for a, b, c in entry["input_to_original"])
    if not all(math.isfinite(value) for row in (first, second, third) for value in row):
        raise ValueError(f"expected {filename!r} to have a finite matrix, got {entry['input_to_original']!r}")
    fields: dict[str, Any] = {**entry, "input_to_original": (first, second, third)}
    image = CachedImage(**fields)
    if image.map != map_path(filename):
        raise ValueError(f"expected the map of {filename!r} at {map_path(filename)!r}, got {image.map!r}")
    if not all(type(entry[side]) is int and 1 <= entry[side] <= MAX_SIDE for side in ("width", "height")):
        raise ValueError(f"expected {filename!r} to have a size in whole px, got {entry!r}")
    if not all(isinstance(entry[digest], str) for digest in ("map_sha256", "image_sha256")):
        raise ValueError(f"expected {filename!r} to have fingerprints of its files, got {entry!r}")
    return image
