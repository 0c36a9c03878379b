"""COCO: lists of images and annotations."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from baseline_code.files.shown_text import shorten
from ocr.annotations.formats.coordinates import flat_points, number, numbers, stated_size
from ocr.annotations.formats.field_values import has_ignored_flag, is_ignored_name, is_true, text_of
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
from ocr.annotations.formats.run_length import mask_polygons
from ocr.annotations.formats.shapes import Points, Shape, box_of_size
from ocr.geometry.measures import polygon_area

TEXT_KEYS = ("text", "transcription", "utf8_string", "caption")
Entry = Mapping[str, Any]


class Coco(LabelFormat):
    """One JSON for a split of the data; categories give no text, `iscrowd` marks ignored words."""

    name = "coco"
    title = "COCO"
    suffixes = (".json",)

    def sniff(self, file: LabelFile) -> bool:
        """A list of images and one of annotations."""
        return file.holds(images=list, annotations=list)

    def read_file(self, file: LabelFile, source: Source) -> Iterator[ForeignImage]:
        """See `LabelFormat`."""
        content: Any = file.json()
        categories = {str(entry.get("id")): entry.get("name") for entry in content.get("categories") or ()}
        entries = _by_id(content["images"], file, source.findings)
        of_image: defaultdict[str, list[ForeignWord]] = defaultdict(list)
        for number_, annotation in enumerate(content["annotations"], start=1):
            place = f"{file.name}, annotation {annotation.get('id', f'number {number_}')}"
            image_id = str(annotation.get("image_id"))
            if image_id in entries:
                of_image[image_id] += _words(annotation, categories, entries[image_id], place, source.findings)
            else:
                source.findings.fault(place, f"expected the id of an image as image_id, got {image_id}")
        for image_id, entry in entries.items():
            place = f"{file.name}, image {entry.get('file_name', image_id)}"
            with source.findings.faults_at(place):
                image = source.images.find(entry["file_name"], near=file)
                stated = stated_size(entry.get("width"), entry.get("height"))
                yield ForeignImage(image, of_image[image_id], place, stated)

    def write(self, images: Sequence[LabelledImage], settings: LabelSettings, findings: Findings) -> dict[str, str]:
        """See `LabelFormat`."""
        entries, annotations = list[Entry](), list[Entry]()
        for image_id, image in enumerate(images, start=1):
            width, height = image.size
            entries.append({"id": image_id, "file_name": image.name, "width": width, "height": height})
            for word in image.annotation.words:
                annotation = {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": 1,
                    "bbox": plain_box(word.polygon),
                    "area": plain(polygon_area(word.polygon)),
                    "segmentation": [plain_flat(word.polygon)],
                    "iscrowd": int(word.ignore),
                    "text": word.text,
                }
                annotations.append(annotation)
        categories = [{"id": 1, "name": settings.label}]
        content = {"categories": categories, "images": entries, "annotations": annotations}
        return {f"instances_{settings.split}.json": json.dumps(content, ensure_ascii=False) + "\n"}


def _by_id(entries: Sequence[Entry], file: LabelFile, findings: Findings) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        image_id = str(entry["id"])
        if image_id in found:
            findings.fault(f"{file.name}, image {image_id}", "expected each id once, got it again")
        found[image_id] = entry
    return found


def _words(
    annotation: Entry, categories: Mapping[str, object], image: Entry, place: str, findings: Findings
) -> list[ForeignWord]:
    """The words that an annotation is: one for each of its polygons."""
    attributes = annotation.get("attributes")
    ignore = (
        is_true(annotation.get("iscrowd"))
        or is_ignored_name(categories.get(str(annotation.get("category_id"))))
        or has_ignored_flag(attributes)
        or has_ignored_flag(annotation)
    )
    shapes, text = list[Shape](), ""
    with findings.faults_at(place):
        text = _text_in(annotation) or _text_in(attributes)
        shapes = _shapes(annotation, image, place, findings)
    if len(shapes) > 1:
        findings.count("annotation of several polygons, of each a word was made", place, f"of {len(shapes)}")
    return [ForeignWord(shape, text, ignore, place) for shape in shapes]


def _shapes(annotation: Entry, image: Entry, place: str, findings: Findings) -> list[Shape]:
    """The polygons of an annotation, those around its mask, or else its box."""
    segmentation = annotation.get("segmentation")
    if isinstance(segmentation, Mapping):
        stated = stated_size(image.get("width"), image.get("height"))
        size = [int(side) for side in numbers(segmentation["size"], 2)]
        if stated and size != [stated[1], stated[0]]:
            raise ValueError(f"expected a mask of {stated[1]} x {stated[0]} (height, width), got {size}")
        parts, holes = mask_polygons(segmentation)
        if holes:
            findings.count("mask with holes, which were filled", place)
        if not parts:
            findings.count("word without area, left out", place)
        return [Points(points) for points in parts]
    polygons = segmentation if segmentation and isinstance(segmentation[0], list | tuple) else [segmentation]
    if any(polygons):
        return [Points(flat_points(polygon)) for polygon in polygons if polygon]
    if "bbox" not in annotation:
        raise ValueError(f"expected segmentation or bbox, got {shorten(list(annotation))}")
    attributes = annotation.get("attributes")
    rotation = attributes.get("rotation", 0) if isinstance(attributes, Mapping) else 0
    return [box_of_size(numbers(annotation["bbox"], 4), number(rotation or 0), about_centre=True)]


def _text_in(entry: object) -> str:
    """The first text under one of the usual keys, "" where there is none.

    Raises:
        ValueError: if something else is there.
    """
    texts = (text_of(entry.get(key)) for key in TEXT_KEYS) if isinstance(entry, Mapping) else ()
    return next(filter(None, texts), "")
