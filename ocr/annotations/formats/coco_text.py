"""COCO-Text, versions 1 and 2, and TextOCR: objects by id, all splits of the data in one file."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ocr.annotations.formats.coordinates import flat_points, numbers, stated_size
from ocr.annotations.formats.field_values import is_ignored_name, text_of
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
from ocr.annotations.formats.poorer_forms import plain, plain_box, plain_flat
from ocr.annotations.formats.shapes import Points, Shape, box_of_size
from ocr.geometry.measures import polygon_area

SPLITS = ("train", "val", "test")
SHAPES = ("mask", "polygon", "points")  # of version 2, version 1 and TextOCR
TEXTOCR_ILLEGIBLE = "."


class CocoText(LabelFormat):
    """`imgs` and `anns`; the legibility marks ignored words, `set` says the split."""

    name = "coco_text"
    title = "COCO-Text"
    suffixes = (".json",)

    def sniff(self, file: LabelFile) -> bool:
        """Objects `imgs` and `anns`."""
        return file.holds(imgs=dict, anns=dict)

    def read_file(self, file: LabelFile, source: Source) -> Iterator[ForeignImage]:
        """See `LabelFormat`."""
        content: Any = file.json()
        of_image: defaultdict[str, list[ForeignWord]] = defaultdict(list)
        for key, annotation in content["anns"].items():
            place = f"{file.name}, annotation {key}"
            with source.findings.faults_at(place):
                image_id = str(annotation["image_id"])
                if image_id not in content["imgs"]:
                    raise ValueError(f"expected the id of an image as image_id, got {image_id}")
                of_image[image_id].append(_read_word(annotation, place, source.findings))
        for key, entry in content["imgs"].items():
            place = f"{file.name}, image {entry.get('file_name', key)}"
            with source.findings.faults_at(place):
                split = entry.get("set") or None
                if split not in (*SPLITS, None):
                    raise ValueError(f"expected the set to be {', '.join(SPLITS)}, got {split!r}")
                image = source.images.find(entry["file_name"], near=file)
                stated = stated_size(entry.get("width"), entry.get("height"))
                yield ForeignImage(image, of_image[key], place, stated, split)

    def write(self, images: Sequence[LabelledImage], settings: LabelSettings, findings: Findings) -> dict[str, str]:
        """See `LabelFormat`."""
        entries: dict[str, Any] = {}
        annotations: dict[str, Any] = {}
        of_image: dict[str, list[int]] = {}
        split = settings.split if settings.split in SPLITS else "train"
        for image_id, image in enumerate(images, start=1):
            width, height = image.size
            sides = {"width": width, "height": height}
            entries[str(image_id)] = {"id": image_id, "set": split, "file_name": image.name, **sides}
            first = len(annotations) + 1
            for word in image.annotation.words:
                number = len(annotations) + 1
                annotations[str(number)] = {
                    "id": number,
                    "image_id": image_id,
                    "mask": plain_flat(word.polygon),
                    "bbox": plain_box(word.polygon),
                    "area": plain(polygon_area(word.polygon)),
                    "legibility": "illegible" if word.ignore else "legible",
                    "utf8_string": word.text,
                }
            of_image[str(image_id)] = list(range(first, len(annotations) + 1))
        content = {"cats": {}, "info": {}, "imgs": entries, "anns": annotations, "imgToAnns": of_image}
        return {"cocotext.json": json.dumps(content, ensure_ascii=False) + "\n"}


def _read_word(annotation: Mapping[str, Any], place: str, findings: Findings) -> ForeignWord:
    text = text_of(annotation.get("utf8_string"))
    illegible = is_ignored_name(annotation.get("legibility"), annotation.get("class"))
    if "points" in annotation and text == TEXTOCR_ILLEGIBLE:
        illegible, text = True, ""
    for lost in ("class", "language"):
        if annotation.get(lost):
            findings.lose(lost)
    return ForeignWord(_shape(annotation), text, illegible, place)


def _shape(annotation: Mapping[str, Any]) -> Shape:
    points = next((annotation[key] for key in SHAPES if annotation.get(key)), None)
    if not points:
        return box_of_size(numbers(annotation["bbox"], 4))
    return Points(flat_points(points[0] if isinstance(points[0], list) else points))
