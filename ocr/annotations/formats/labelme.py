"""LabelMe, AnyLabeling and X-AnyLabeling: a JSON of shapes beside each image."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ocr.annotations.formats.coordinates import paired_points, stated_size
from ocr.annotations.formats.field_values import has_ignored_flag, is_ignored_name, text_of, text_of_label
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
from ocr.annotations.formats.poorer_forms import plain_points
from ocr.annotations.formats.shapes import Ellipse, Points, Shape, box_of_corners
from ocr.geometry.packed import FloatArray

CLASSES = "labels_without_text"
POLYGONS = ("polygon", "rotation", "quadrilateral")


class LabelMe(PerImageFormat):
    """The text is the description, else a label that is no class; a flag named ignore marks ignored words.

    LabelMe writes an empty description where a person types the text as label, so that none says nothing about the
    label. Which labels are only classes is said by a list of this project's own, which LabelMe keeps when it saves.
    """

    name = "labelme"
    title = "LabelMe"
    suffixes = (".json",)
    image_folder = ""

    def sniff(self, file: LabelFile) -> bool:
        """A list of shapes."""
        return file.holds(shapes=list)

    def read_image(self, file: LabelFile, source: Source) -> ForeignImage:
        """See `PerImageFormat`."""
        content: Any = file.json()
        shapes = content["shapes"]
        path = content.get("imagePath")
        image = source.images.find(*([path] if path else ()), near=file, stem=file.stem)
        words = []
        for number, shape in enumerate(shapes, start=1):
            place = f"{file.name}, shape {number}"
            with source.findings.faults_at(place):
                word = _read_word(shape, content.get(CLASSES) or (), place, source.findings)
                if word is not None:
                    words.append(word)
        stated = stated_size(content.get("imageWidth"), content.get("imageHeight"))
        return ForeignImage(image, words, file.name, stated)

    def write_image(self, image: LabelledImage, settings: LabelSettings, findings: Findings) -> str:
        """See `PerImageFormat`."""
        width, height = image.size
        shapes = [
            {
                "label": settings.label,
                "points": plain_points(word.polygon),
                "group_id": None,
                "description": word.text,
                "shape_type": "polygon",
                "flags": {"ignore": True} if word.ignore else {},
            }
            for word in image.annotation.words
        ]
        content: dict[str, Any] = {
            "version": "5.2.1",
            "flags": {},
            "shapes": shapes,
            "imagePath": image.path.name,
            "imageData": None,
            "imageHeight": height,
            "imageWidth": width,
            CLASSES: [settings.label],
        }
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _read_word(entry: Mapping[str, Any], classes: Sequence[str], place: str, findings: Findings) -> ForeignWord | None:
    kind = entry.get("shape_type") or "polygon"
    if kind not in (*POLYGONS, "rectangle", "circle"):
        findings.count("shape left out", place, kind)
        return None
    if entry.get("group_id") is not None:
        findings.lose("group_id")
    label = text_of(entry.get("label"))
    text = text_of(entry.get("description")) or ("" if label in classes else text_of_label(label))
    ignore = is_ignored_name(label) or has_ignored_flag(entry.get("flags")) or has_ignored_flag(entry.get("attributes"))
    return ForeignWord(_shape(kind, paired_points(entry["points"])), text, ignore, place)


def _shape(kind: str, points: FloatArray) -> Shape:
    if kind == "circle":
        if len(points) != 2:
            raise ValueError(f"expected the centre of a circle and a point on it, got {len(points)} points")
        radius = math.dist(points[0], points[1])
        return Ellipse(float(points[0, 0]), float(points[0, 1]), radius, radius)
    if kind == "rectangle" and (len(points) == 2 or _is_upright(points)):
        return box_of_corners(map(float, (*points.min(axis=0), *points.max(axis=0))))
    return Points(points)


def _is_upright(points: FloatArray) -> bool:
    return len(points) == 4 and all(len(set(axis)) == 2 for axis in points.T.tolist())
