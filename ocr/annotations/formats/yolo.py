"""YOLO: boxes, oriented boxes or polygons in fractions of the image, without text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

import yaml

from ocr.annotations.formats.coordinates import flat_points, is_number_text, numbers
from ocr.annotations.formats.field_values import is_ignored_name
from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.interface import (
    ForeignImage,
    ForeignWord,
    LabelledImage,
    LabelSettings,
    PerImageFormat,
    Source,
)
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import count_lost_text, plain, quad
from ocr.annotations.formats.shapes import Points, Shape, box_of_size
from ocr.annotations.words import Size
from ocr.geometry.polygons import Polygon

BOX_COLUMNS = 5
FAR = 2.0  # beyond it coordinates are no fractions that reach a little outside
DIGITS = 8
_NAMES = re.compile(r"""(?:^|[{,])\s*["']?names["']?\s*:""", re.MULTILINE)


class YoloObb(PerImageFormat):
    """A class and, in fractions, centre and size (5 columns), four corners (9) or a polygon (1 + 2n)."""

    name = "yolo_obb"
    title = "YOLO"
    suffixes = (".txt",)
    fractions = True
    absent_is_empty = True

    def sniff(self, file: LabelFile) -> bool:
        """A whole number and at least four more, with blanks between."""
        lines = (line.split() for line in file.first_lines)
        return any(
            len(columns) >= BOX_COLUMNS and columns[0].isdecimal() and all(map(is_number_text, columns))
            for columns in lines
        )

    def read(self, source: Source) -> Iterator[ForeignImage]:
        """See `LabelFormat`."""
        _names_in.cache_clear()  # files may have changed since the last conversion
        yield from super().read(source)

    def read_image(self, file: LabelFile, source: Source) -> ForeignImage:
        """See `PerImageFormat`."""
        names = _class_names(file, source.folder)
        words = []
        for number, line in file.lines():
            place = f"{file.name}, line {number}"
            with source.findings.faults_at(place):
                columns = line.split()
                words.append(ForeignWord(_shape(columns), None, is_ignored_name(names.get(columns[0])), place))
        return ForeignImage(self.find_image(file, source.images), words, file.name)

    def write_image(self, image: LabelledImage, settings: LabelSettings, findings: Findings) -> str:
        """See `PerImageFormat`."""
        lines = []
        for place, word in image.numbered():
            count_lost_text(word, place, findings)
            corners = (self.corners_of(word.polygon, image.size, place, findings) / image.size).ravel()
            lines.append(" ".join([str(int(word.ignore)), *(str(plain(value, DIGITS)) for value in corners)]) + "\n")
        return "".join(lines)

    def overview(self, folders: Mapping[str, str], settings: LabelSettings) -> dict[str, str]:
        """See `LabelFormat`; ultralytics looks for the splits from this file's folder where it names no path."""
        images = {split: str(PurePosixPath(folder, self.image_folder)) for split, folder in folders.items()}
        content = {**images, "names": {0: settings.label, 1: "ignore"}}
        return {"data.yaml": yaml.safe_dump(content, sort_keys=False)}

    def stems(self, file: LabelFile) -> tuple[str, ...]:
        """See `PerImageFormat`; first below `images` beside the folder `labels` that the file is in."""
        folders = [folder.name for folder in file.path.absolute().parents]
        depth = folders.index("labels") if "labels" in folders else None
        if depth is None:
            return super().stems(file)
        below = "/".join([*folders[:depth][::-1], file.stem])
        return (f"{'../' * (depth + 1)}images/{below}", *super().stems(file))

    def path_of(self, image: str) -> str:
        """See `PerImageFormat`."""
        return f"labels/{super().path_of(image)}"

    def corners_of(self, polygon: Polygon, size: Size, place: str, findings: Findings) -> Polygon:
        """The points that are written of a word."""
        return quad(polygon, size, place, findings)


class YoloSeg(YoloObb):
    """The same, written with all points of a polygon."""

    name = "yolo_seg"

    def corners_of(self, polygon: Polygon, size: Size, place: str, findings: Findings) -> Polygon:
        """See `YoloObb`."""
        return polygon


def _shape(columns: Sequence[str]) -> Shape:
    if len(columns) < BOX_COLUMNS or len(columns) % 2 == 0:
        raise ValueError(
            f"expected a class and 4 numbers (box), 8 (corners) or 2n (polygon), got {len(columns)} columns"
        )
    values = numbers(columns[1:])
    far = next((value for value in values if not -FAR <= value <= FAR), None)
    if far is not None:
        raise ValueError(f"expected coordinates relative to width and height, 0..1, got {far:g}")
    if len(columns) > BOX_COLUMNS:
        return Points(flat_points(values))
    x, y, width, height = values
    return box_of_size((x - width / 2, y - height / 2, width, height))


def _class_names(file: LabelFile, given: Path) -> Mapping[str, object]:
    """Names of the classes by number, of the nearest folder that has them, from the label file's own upward; or none.

    The last is the one above the folder that was given, or above the split that a folder `labels` may belong to.
    """
    folders = file.path.absolute().parents
    names = [folder.name for folder in folders]
    above = folders.index(given.absolute()) + 1
    if "labels" in names:
        above = max(above, names.index("labels") + 2)
    return next(filter(None, map(_names_in, folders[: above + 1])), dict[str, object]())


@cache
def _names_in(folder: Path) -> Mapping[str, object]:
    """Names of the classes by number, of a YAML such as data.yaml, or else of classes.txt; none where there is neither.

    Raises:
        ValueError: if a YAML with names is damaged (one without belongs to something else), or a file is not UTF-8.
    """
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        if path.name.startswith("."):
            continue
        text = _read_text(path)
        try:
            content = yaml.safe_load(text) if _NAMES.search(text) else None
        except yaml.YAMLError as error:
            raise ValueError(f"expected the names of the classes as YAML in {path}, got {error}") from error
        names = content.get("names") if isinstance(content, dict) else None
        if isinstance(names, list):
            names = dict(enumerate(names))
        if isinstance(names, dict):
            return {str(number): name for number, name in names.items()}
    for path in (folder / "classes.txt", folder / "obj.names"):
        if path.is_file():
            return {str(number): name.strip() for number, name in enumerate(_read_text(path).split("\n"))}
    return {}


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"expected the names of the classes as UTF-8 text in {path}, got {error}; save it as UTF-8"
        ) from error
