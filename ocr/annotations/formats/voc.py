"""Pascal VOC: an XML of upright boxes for each image."""

from __future__ import annotations

from pathlib import PurePosixPath
from xml.etree import ElementTree

from ocr.annotations.formats.coordinates import number, stated_size
from ocr.annotations.formats.field_values import is_ignored_name, is_true, text_of_label
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
from ocr.annotations.formats.poorer_forms import upright_box, whole, xml_text
from ocr.annotations.formats.shapes import box_of_corners
from ocr.annotations.words import Word

CORNERS = ("xmin", "ymin", "xmax", "ymax")


class Voc(PerImageFormat):
    """The name is the text, unless it is only a class; `difficult` marks ignored words."""

    name = "voc"
    title = "Pascal VOC"
    suffixes = (".xml",)

    def sniff(self, file: LabelFile) -> bool:
        """A root `annotation`."""
        root = file.sniffed_xml
        return root is not None and root.tag == "annotation"

    def read_image(self, file: LabelFile, source: Source) -> ForeignImage:
        """See `PerImageFormat`."""
        root = file.xml()
        names = [name for tag in ("filename", "path") if (name := (root.findtext(tag) or "").strip())]
        image = source.images.find(*names, near=file, stem=file.stem)
        words = []
        for index, entry in enumerate(root.findall("object"), start=1):
            place = f"{file.name}, object {index}"
            with source.findings.faults_at(place):
                if entry.find("bndbox") is None:
                    source.findings.count("object left out", place, "without bndbox")
                    continue
                words.append(_read_word(entry, place, one_based=source.settings.voc_one_based))
        stated = stated_size(*(root.findtext(f"size/{side}") or 0 for side in ("width", "height")))
        return ForeignImage(image, words, file.name, stated)

    def write_image(self, image: LabelledImage, settings: LabelSettings, findings: Findings) -> str:
        """See `PerImageFormat`."""
        width, height = image.size
        root = ElementTree.Element("annotation")
        _add(root, filename=PurePosixPath(image.name).name)
        _add(_add(root, size=None), width=width, height=height, depth=3)
        _add(root, segmented=0)
        for place, word in image.numbered():
            box = whole(upright_box(word.polygon, place, findings), place, findings)
            name = _name_of(word, settings.label, place, findings)
            entry = _add(root, object=None)
            _add(entry, name=name, difficult=int(word.ignore))
            _add(_add(entry, bndbox=None), **dict(zip(CORNERS, box, strict=True)))
        ElementTree.indent(root)
        return ElementTree.tostring(root, encoding="unicode") + "\n"


def _name_of(word: Word, label: str, place: str, findings: Findings) -> str:
    """The text of a word, or else its class; one that reads as something else is counted."""
    text = xml_text(word.text, place, findings)
    name = text or label
    if text and not text_of_label(name):
        findings.count("word whose text reads as a class", place)
    if not text and text_of_label(name):
        findings.count("word without text, whose class reads as one", place, label)
    if is_ignored_name(name) and not word.ignore:
        findings.count("word that reads as ignored, for its name", place)
    return name


def _read_word(entry: ElementTree.Element, place: str, *, one_based: bool) -> ForeignWord:
    left, top, right, bottom = (number((entry.findtext(f"bndbox/{corner}") or "").strip()) for corner in CORNERS)
    first = 1 if one_based else 0
    name = entry.findtext("name") or ""
    ignore = is_true(entry.findtext("difficult")) or is_ignored_name(name)
    return ForeignWord(
        box_of_corners((left - first, top - first, right, bottom)), text_of_label(name) or None, ignore, place
    )


def _add(parent: ElementTree.Element, **children: object) -> ElementTree.Element:
    """Adds children with their text; the last one."""
    for tag, text in children.items():
        child = ElementTree.SubElement(parent, tag)
        child.text = None if text is None else str(text)
    return child
