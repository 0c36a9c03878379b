"""Label Studio's regions: per cent of the image, boxes that rotate about their upper-left corner."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import numpy as np

from baseline_code.images.formats import is_image_name
from ocr.annotations.formats.coordinates import number, paired_points
from ocr.annotations.formats.field_values import is_ignored_name, text_of
from ocr.annotations.formats.image_folder import ImageFile, ImageFolder
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import exact_rectangle, plain
from ocr.annotations.formats.shapes import Ellipse, Points, Shape, box_of_size
from ocr.annotations.words import Size
from ocr.geometry.polygons import Polygon

PERCENT = 100.0
DIGITS = 8
Entry = Mapping[str, Any]
_UPLOADED = re.compile(r"[0-9a-f]{8}-")


def read_shape(value: Entry) -> Shape:
    """The shape of a region, in fractions of the image's sides.

    Raises:
        KeyError: if it has none.
        ValueError: if a value is no number.
    """
    degrees = number(value.get("rotation") or 0)
    if "points" in value:
        return Points(paired_points(value["points"]) / PERCENT)
    if "radiusX" in value:
        x, y, radius_x, radius_y = (number(value[key]) / PERCENT for key in ("x", "y", "radiusX", "radiusY"))
        return Ellipse(x, y, radius_x, radius_y, degrees)
    left, top, width, height = (number(value[key]) / PERCENT for key in ("x", "y", "width", "height"))
    return box_of_size((left, top, width, height), degrees)


def write_shape(polygon: Polygon, size: Size) -> dict[str, Any]:
    """The value of a region: a box of an exact rectangle, else a polygon."""
    box = exact_rectangle(polygon)
    if box is None:
        percent = polygon / np.array(size) * PERCENT
        return {"points": [[plain(x, DIGITS), plain(y, DIGITS)] for x, y in percent], "closed": True}
    width, height = size
    sides = {"x": box.left / width, "y": box.top / height, "width": box.width / width, "height": box.height / height}
    return {name: plain(side * PERCENT, DIGITS) for name, side in sides.items()} | {
        "rotation": plain(box.degrees, DIGITS)
    }


def is_ignored(value: Entry) -> bool:
    """Whether a region has a label or choice that marks ignored words; a text of that wording does not."""
    lists = (names for key, names in value.items() if key == "choices" or key.endswith("labels"))
    return any(is_ignored_name(*names) for names in lists if isinstance(names, list))


def joined_text(value: object) -> str:
    """A text, or the lines of one, joined by a blank.

    Raises:
        ValueError: if it is something else.
    """
    return " ".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def find_image(data: Entry, file: LabelFile, images: ImageFolder) -> ImageFile:
    """The image of a task: the first value that ends like one, also without what an upload puts before its name.

    Raises:
        ValueError: if there is none.
    """
    texts = [value for value in data.values() if isinstance(value, str) and value]
    urls = [text for text in texts if is_image_name(_path(text))] or texts[:1]
    if not urls:
        raise ValueError("expected the address of an image in data, got none")
    path = _path(urls[0])
    folder, slash, name = path.rpartition("/")
    names = [path, f"{folder}{slash}{_UPLOADED.sub('', name, count=1)}"] if _UPLOADED.match(name) else [path]
    return images.find(*dict.fromkeys(name for raw in names for name in (raw, unquote(raw))), near=file)


def newest(entries: Sequence[Entry]) -> Entry:
    """The entry that was changed last; of equally new ones the last."""
    return max(enumerate(entries), key=lambda item: (_time(item[1]), item[0]))[1]


def _path(url: str) -> str:
    """The file's path in an address."""
    _, local, path = url.partition("?d=")
    return path if local else url.partition("?")[0].partition("://")[2] or url.partition("?")[0]


def _time(entry: Entry) -> datetime:
    for key in ("updated_at", "created_at"):
        try:
            time = datetime.fromisoformat(str(entry.get(key)))
        except ValueError:
            continue
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    return datetime.min.replace(tzinfo=UTC)
