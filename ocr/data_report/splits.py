"""One split of a data set: its labels and images, each held against the other, and all that is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from baseline_code.files.names import find_file, is_path_below
from baseline_code.images.listing import find_images
from baseline_code.images.perceptual_hash import Hashes, hash_opened
from baseline_code.images.reading import ImageReadError, open_image
from baseline_code.threads import map_in_order
from baseline_code.tracking import Track
from ocr.annotations.coordinate_units import describe_wrong_unit
from ocr.annotations.faults import AnnotationError, Fault, Place
from ocr.annotations.labelled_sizes import find_outside, find_wrong_sizes
from ocr.annotations.layout import image_folder, labels_file, labels_files
from ocr.annotations.reading import find_missing, find_unlabelled, inspect_annotations
from ocr.annotations.words import ImageAnnotation, Size
from ocr.data_report.findings import Finding
from ocr.geometry.measures import polygon_areas
from ocr.geometry.packed import pack_polygons
from ocr.geometry.polygons import order_polygons
from ocr.geometry.rectangles import minimum_area_rectangles
from ocr.label_maps.shrinking import MIN_SIDE_PX
from ocr.metrics.overlaps import overlap_ratios

REPEATED_IOU = 0.9
"""Words with so much in common are one word, labelled twice."""


class ScannedImage(NamedTuple):
    """An image that can be read."""

    path: Path
    size: Size  # as displayed
    orientation: int  # of EXIF; 1: none
    hash: Hashes


def scan_image(path: Path) -> ScannedImage | str:
    """Decodes an image file.

    Returns:
        Why it cannot be read, in words, if it cannot.
    """
    try:
        with open_image(path) as file:
            return ScannedImage(path, (file.width, file.height), file.orientation, hash_opened(file))
    except ImageReadError as error:
        return str(error).removeprefix(f"{path}: ")


@dataclass(frozen=True)
class InspectedSplit:
    """What could be read of a split.

    Attributes:
        name: of the split.
        trained_with: the split of the data set that it is trained on with, from a folder of its own; None: itself one.
        annotations: labels of the images that can be read; without words where there are no labels.
        images: one each.
        findings: what is wrong, without what shows only beside other splits.
    """

    name: str
    trained_with: str | None = None
    annotations: list[ImageAnnotation] = field(default_factory=list)
    images: list[ScannedImage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def role(self) -> str:
        """Equal for splits in which the same image may stand."""
        return self.trained_with or self.name

    @property
    def sizes(self) -> list[Size]:
        """Width and height of each image as displayed, px."""
        return [image.size for image in self.images]

    @property
    def is_measured_in_pixels(self) -> bool:
        """Whether its words are of the size that they seem."""
        return not any(finding.places for finding in self.findings if finding.kind in ("unit", "size"))


def find_splits(root: Path) -> list[str]:
    """Names of the splits of a data set: those of `jsons/*.json` and of the folders of images; train, val, test first.

    Raises:
        ValueError: if there is none.
    """
    names = {path.stem for path in labels_files(root)}
    folders = (path for path in (root / "images").glob("*") if path.is_dir() and not path.name.startswith("."))
    names |= {path.name for path in folders if find_images(path)}
    if not names:
        from ocr.annotations.formats.recognition import describe_foreign  # all formats: here, for the message

        foreign = describe_foreign(labels_file(root, "train"))
        raise ValueError(f"{root}: expected images/<split>/* and jsons/<split>.json, found neither{foreign}")
    first = {"train": 0, "val": 1, "test": 2}
    return sorted(names, key=lambda name: (first.get(name, 3), name))


def inspect_split(root: Path, name: str, *, max_words: int, track: Track, title: str | None = None) -> InspectedSplit:
    """Reads a split, and goes on wherever something is wrong.

    Args:
        root: folder of the data.
        name: of the split.
        title: what to call it where it is trained on with the split of that name of another folder.
        max_words: more in one image cannot all be found.
        track: shows progress.
    """
    labels, folder = labels_file(root, name), image_folder(root, name)
    found: defaultdict[str, list[Fault]] = defaultdict(list)
    annotations: Mapping[str, ImageAnnotation] = {}
    if labels.is_file():
        annotations = _read_labels(labels, found)
    unlabelled = find_unlabelled(annotations, folder)
    if annotations:
        found["unlabelled"] = [Fault(Place(name)) for name in unlabelled]
    elif "labels" not in found:
        found["unlabelled_part"] = [Fault(Place(None), f"{len(unlabelled)} images")]
        annotations = {name: ImageAnnotation(name) for name in unlabelled}
    missing = dict.fromkeys(find_missing(annotations, folder))
    found["missing"] = [Fault(Place(name)) for name in missing]
    there = [annotation for name, annotation in annotations.items() if name not in missing]
    split = InspectedSplit(title or name, None if title is None else name)
    scans = map_in_order(scan_image, [find_file(folder / annotation.filename) for annotation in there])
    for annotation, scan in zip(there, track(scans, f"{split.name}: images", total=len(there)), strict=True):
        if isinstance(scan, str):
            found["unreadable"].append(Fault(Place(annotation.filename), scan))
        else:
            split.annotations.append(annotation)
            split.images.append(scan)
    for kind, fault in _check(split, max_words):
        found[kind].append(fault)
    split.findings.extend(Finding(kind, split.name, faults) for kind, faults in found.items())
    return split


def _read_labels(path: Path, found: defaultdict[str, list[Fault]]) -> Mapping[str, ImageAnnotation]:
    try:
        annotations, notes = inspect_annotations(path)
    except AnnotationError as error:
        found["labels"] = [Fault(Place(None, part=path.name), str(error).removeprefix(f"{path}: "))]
        return {}
    for fault in notes.faults:
        found[fault.kind].append(fault)
    found.update({kind: [Fault(place) for place in places] for kind, places in notes.odd.items()})
    return {name: annotation for name, annotation in annotations.items() if is_path_below(name)}


def _check(split: InspectedSplit, max_words: int) -> Iterator[tuple[str, Fault]]:
    """What is wrong with labels beside their images."""
    wrong_sizes = find_wrong_sizes(split.annotations, split.sizes)
    yield from (("size", fault) for fault in wrong_sizes)
    yield from _check_orientation(split, {fault.place.image for fault in wrong_sizes})
    unit = describe_wrong_unit(split.annotations, split.sizes)
    if unit is not None:
        yield "unit", Fault(Place(None), f"got {unit}")
        return
    yield from (("outside", fault) for fault in find_outside(split.annotations, split.sizes))
    for annotation in split.annotations:
        if not annotation.words:
            yield "wordless", Fault(Place(annotation.filename))
            continue
        readable = len(annotation.readable)
        if readable > max_words:
            yield "crowded", Fault(Place(annotation.filename), f"{readable} readable words")
        yield from _check_polygons(annotation)


def _check_orientation(split: InspectedSplit, wrong: set[str | None]) -> Iterator[tuple[str, Fault]]:
    for annotation, image in zip(split.annotations, split.images, strict=True):
        if image.orientation == 1 or annotation.filename in wrong or not annotation.words:
            continue
        is_quarter_turn = image.orientation >= 5 and image.size[0] != image.size[1]
        is_stated = is_quarter_turn and annotation.size is not None
        yield (
            "turned" if is_stated else "orientation",
            Fault(Place(annotation.filename), f"orientation {image.orientation}"),
        )


def _check_polygons(annotation: ImageAnnotation) -> Iterator[tuple[str, Fault]]:
    places = [Place(annotation.filename, word.id) for word in annotation.words]
    packed = pack_polygons(annotation.polygons)
    heights = minimum_area_rectangles(packed).size.min(axis=1)
    encloses = polygon_areas(packed) > 0
    for index in np.flatnonzero((heights < MIN_SIDE_PX) & encloses & ~np.array(annotation.ignore)):
        yield "tiny", Fault(places[index], f"{heights[index]:.1f} px")
    differs = np.any(order_polygons(packed).points != packed.points, axis=1)
    for index in np.flatnonzero(np.logical_or.reduceat(differs, packed.starts[:-1])):
        yield "order", Fault(places[index])
    overlaps = np.triu(overlap_ratios(packed, packed).iou, k=1) >= REPEATED_IOU
    for first, second in np.argwhere(overlaps):
        yield "repeated", Fault(places[second], f"as word {annotation.words[first].id!r}")
