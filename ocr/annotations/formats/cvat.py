"""CVAT for images 1.1: an XML of boxes, polygons and ellipses with attributes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from ocr.annotations.formats.coordinates import number, paired_points, stated_size
from ocr.annotations.formats.field_values import has_ignored_flag, is_ignored_name
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
from ocr.annotations.formats.poorer_forms import plain, xml_text
from ocr.annotations.formats.shapes import Ellipse, Points, Shape, box_of_corners

TEXT_NAMES = ("transcription", "text", "description")
SHAPES = ("box", "polygon", "ellipse")


class Cvat(LabelFormat):
    """Texts and ignore flags are attributes; an image without shapes was looked at."""

    name = "cvat"
    title = "CVAT for images 1.1"
    suffixes = (".xml",)
    for_correction = True

    def sniff(self, file: LabelFile) -> bool:
        """A root `annotations`."""
        root = file.sniffed_xml
        return root is not None and root.tag == "annotations"

    def read_file(self, file: LabelFile, source: Source) -> Iterator[ForeignImage]:
        """See `LabelFormat`."""
        root = file.xml()
        if root.find("track") is not None:
            raise ValueError(
                "expected the format CVAT for images 1.1, got that of a video (track): export it as the former"
            )
        for entry in root.iter("image"):
            place = f"{file.name}, image {entry.get('name')}"
            with source.findings.faults_at(place):
                yield _read_image(entry, place, file, source)

    def write(self, images: Sequence[LabelledImage], settings: LabelSettings, findings: Findings) -> dict[str, str]:
        """See `LabelFormat`."""
        root = ElementTree.Element("annotations")
        ElementTree.SubElement(root, "version").text = "1.1"
        for number_, image in enumerate(images):
            width, height = (str(side) for side in image.size)
            entry = ElementTree.SubElement(root, "image", id=str(number_), name=image.name, width=width, height=height)
            for place, word in image.numbered():
                shape = ElementTree.SubElement(
                    entry,
                    "polygon",
                    label=settings.label,
                    source="auto" if settings.predictions else "manual",
                    occluded="0",
                    points=";".join(f"{plain(x)},{plain(y)}" for x, y in word.polygon),
                    z_order="0",
                )
                text = xml_text(word.text, place, findings)
                attributes = {"transcription": text, "illegible": str(word.ignore).lower()}
                for name, value in attributes.items():
                    ElementTree.SubElement(shape, "attribute", name=name).text = value
        ElementTree.indent(root)
        declaration = '<?xml version="1.0" encoding="utf-8"?>\n'
        return {"annotations.xml": declaration + ElementTree.tostring(root, encoding="unicode") + "\n"}


def _read_image(entry: ElementTree.Element, place: str, file: LabelFile, source: Source) -> ForeignImage:
    image = source.images.find(entry.attrib["name"], near=file)
    words = []
    for index, shape in enumerate((child for child in entry if child.tag != "tag"), start=1):
        shape_place = f"{place}, shape {index}"
        if shape.tag not in SHAPES:
            source.findings.count("shape left out", shape_place, shape.tag)
            continue
        with source.findings.faults_at(shape_place):
            words.append(_read_word(shape, shape_place, source.findings))
    return ForeignImage(image, words, place, stated_size(entry.get("width"), entry.get("height")))


def _read_word(shape: ElementTree.Element, place: str, findings: Findings) -> ForeignWord:
    attributes = {str(one.get("name")).strip().lower(): one.text or "" for one in shape.findall("attribute")}
    text = next((attributes[name] for name in TEXT_NAMES if attributes.get(name)), "")
    ignore = has_ignored_flag(attributes) or is_ignored_name(shape.get("label"))
    for lost in ("group_id", "occluded", "z_order"):
        if shape.get(lost, "0") != "0":
            findings.lose(lost)
    return ForeignWord(_shape(shape), text, ignore, place)


def _shape(shape: ElementTree.Element) -> Shape:
    degrees = number(shape.get("rotation") or 0)
    if shape.tag == "box":
        corners = (number(shape.attrib[name]) for name in ("xtl", "ytl", "xbr", "ybr"))
        return box_of_corners(corners, degrees, about_centre=True)
    if shape.tag == "ellipse":
        x, y, radius_x, radius_y = (number(shape.attrib[name]) for name in ("cx", "cy", "rx", "ry"))
        return Ellipse(x, y, radius_x, radius_y, degrees)
    return Points(paired_points([point.split(",") for point in shape.attrib["points"].split(";")]))
