"""docTR: polygons of a folder of images by file name, without text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from baseline_code.files.duplicates import file_sha256
from ocr.annotations.formats.coordinates import paired_points, stated_size
from ocr.annotations.formats.field_values import is_ignored_name
from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.interface import (
    ForeignImage,
    ForeignWord,
    LabelFormat,
    LabelledImage,
    LabelSettings,
    Source,
)
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.poorer_forms import count_lost_text, plain_points
from ocr.annotations.formats.shapes import Points


class DocTr(LabelFormat):
    """`labels.json`; polygons are one list, or lists by class. The stated sizes, in either order, are only compared."""

    name = "doctr"
    title = "docTR"
    suffixes = (".json",)

    def sniff(self, file: LabelFile) -> bool:
        """Polygons and image dimensions by file name."""
        content = file.sniffed_json
        first = next(iter(content.values()), None) if isinstance(content, dict) else None
        return isinstance(first, dict) and {"polygons", "img_dimensions"} <= first.keys()

    def read_file(self, file: LabelFile, source: Source) -> Iterator[ForeignImage]:
        """See `LabelFormat`."""
        content: Any = file.json()
        for name, entry in content.items():
            with source.findings.faults_at(f"{file.name}, {name}"):
                yield _read_image(name, entry, file, source)

    def write(self, images: Sequence[LabelledImage], settings: LabelSettings, findings: Findings) -> dict[str, str]:
        """See `LabelFormat`; ignored words get a class of their own."""
        content: dict[str, Any] = {}
        for image in images:
            classes: dict[str, list[Any]] = {"words": [], "ignore": []}
            for place, word in image.numbered():
                count_lost_text(word, place, findings)
                classes["ignore" if word.ignore else "words"].append(plain_points(word.polygon))
            width, height = image.size
            content[image.name] = {
                "img_dimensions": [height, width],
                "img_hash": file_sha256(image.path),
                "polygons": classes if classes["ignore"] else classes["words"],
            }
        return {"labels.json": json.dumps(content, ensure_ascii=False) + "\n"}


def _read_image(name: str, entry: Mapping[str, Any], file: LabelFile, source: Source) -> ForeignImage:
    place = f"{file.name}, {name}"
    image = source.images.find(name, near=file)
    first, second = entry.get("img_dimensions") or (0, 0)
    stated = stated_size(second, first)
    if stated in (image.size, image.size[::-1]):
        stated = None
    digest = entry.get("img_hash")
    if digest and file_sha256(image.path) != digest:
        source.findings.count("image whose hash differs", image.key)
    polygons = entry["polygons"]
    classes = polygons if isinstance(polygons, dict) else {"words": polygons}
    words: list[ForeignWord] = []
    for label, listed in classes.items():
        for polygon in listed:
            word_place = f"{place}, polygon {len(words) + 1}"
            with source.findings.faults_at(word_place):
                shape = Points(paired_points(polygon))
                words.append(ForeignWord(shape, None, is_ignored_name(label), word_place))
    return ForeignImage(image, words, place, stated)
