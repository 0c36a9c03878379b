"""Labels of any format become labelled images, and labelled images become labels of any format."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.json_file import read_json_object
from baseline_code.files.placing import Way, check_places, place_file
from baseline_code.images.formats import is_image_name
from baseline_code.images.listing import find_images
from ocr.annotations.faults import AnnotationError
from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.image_folder import ImageFolder
from ocr.annotations.formats.interface import LabelFormat, LabelledImage, LabelSettings, Source
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.normal_form import normalise
from ocr.annotations.formats.recognition import FORMATS, PROJECT, describe_other, label_files, recognise
from ocr.annotations.labelled_images import LabelledImages, join_images
from ocr.annotations.layout import image_folder, images_of, labels_file, labels_files, layout_entry, layout_text
from ocr.annotations.reading import check_images, parse_annotations, read_annotations, warn_of_unlabelled
from ocr.annotations.words import ImageAnnotation

LISTED = 5
WAYS = {
    "linked": "linked: no space is used twice, and an image edited in place changes in both; image_files=copy copies",
    "copied": "copied",
    "was there": "there already",
}

log = logging.getLogger(__name__)


def as_labelled_images(images: Sequence[LabelledImage]) -> LabelledImages:
    """The same as labels and folders."""
    return LabelledImages([image.annotation for image in images], [image.folder for image in images])


def read_labels(
    given: Path, images: Path | None = None, name: str | None = None, settings: LabelSettings | None = None
) -> list[LabelledImage]:
    """Reads labels of any format.

    Args:
        given: a label file, or a folder of them.
        images: folder of the images; None: `images` beside the labels, or their own folder.
        name: of the format, of `FORMATS` or `project`; None: found out.
        settings: of formats.

    Returns:
        Labelled images, in the order of the labels. One warning counts each kind of what was put right or left out.

    Raises:
        AnnotationError: naming every fault; or if the format is not recognised, or no image is labelled.
    """
    files = label_files(given)
    chosen = name or recognise(files, given)
    try:
        if chosen == PROJECT:
            found = _read_project(given, images)
        else:
            log.info("%s: %s labels", given, FORMATS[chosen].title)
            found = _read_foreign(FORMATS[chosen], files, given, images, settings or LabelSettings())
        if not found:
            raise AnnotationError(f"{given}: expected labelled images, got none")
    except AnnotationError as error:
        other = describe_other(files, given, chosen) if name else None
        if other is None:
            raise
        raise AnnotationError("\n".join([*str(error).splitlines()[: 1 + LISTED], other])) from error
    return found


def write_project(output: Path, splits: Mapping[str, Sequence[LabelledImage]], way: Way) -> None:
    """Writes the project's layout, validated by its own reader; words have no confidences there.

    Args:
        output: root of the data; splits that are there stay.
        splits: images by the name of their split.
        way: how images get there.

    Raises:
        AnnotationError: if the labels do not hold, or two images of a split have one name.
        FileExistsError: if something would be replaced.
    """
    _check_names(splits)
    texts: dict[Path, str] = {}
    for split, images in splits.items():
        path = labels_file(output, split)
        entries = {image.name: _entry(image) for image in images}
        parse_annotations({"images": entries}, path)
        texts[path] = layout_text(entries)
    folders = {split: image_folder(output, split) for split in splits}
    _write(texts, [(image, folders[split]) for split, images in splits.items() for image in images], way)


def write_labels(
    output: Path, splits: Mapping[str, Sequence[LabelledImage]], name: str, settings: LabelSettings, way: Way
) -> None:
    """Writes labels of another format, with their images.

    Args:
        output: a folder; each of several splits gets a folder of its name in it.
        splits: images by the name of their split.
        name: of the format, of `FORMATS`.
        settings: of formats.
        way: how images get there.

    Raises:
        AnnotationError: naming what the format cannot hold at all; if two images of a split have one name.
        FileExistsError: if something would be replaced.
    """
    _check_names(splits)
    label_format, findings = FORMATS[name], Findings()
    folders = {split: split if len(splits) > 1 else "" for split in splits}
    texts = {output / path: text for path, text in label_format.overview(folders, settings).items()}
    placed: list[tuple[LabelledImage, Path]] = []
    for split, images in splits.items():
        folder = output / folders[split]
        own_settings = replace(settings, split=split, folder=folder.resolve().name)
        texts |= {folder / path: text for path, text in label_format.write(images, own_settings, findings).items()}
        placed += [(image, folder / label_format.image_folder) for image in images]
    findings.report(f"{output}: expected labels that {label_format.title} can hold")
    _write(texts, placed, way)


def choose_predictions(images: Sequence[LabelledImage], to: str, predictions: bool | None) -> bool:
    """Whether words are written as predictions, for a person to correct: those with confidences are, unless told.

    Args:
        images: as read.
        to: name of the format that is written.
        predictions: as the setting says; None: found out.

    Raises:
        ValueError: if predictions would be taken for labels unasked.
    """
    if predictions is None:
        predictions = any(image.annotation.scores is not None for image in images)
    correcting = [name for name, one in FORMATS.items() if one.for_correction]
    if predictions and to not in correcting:
        raise ValueError(
            f"expected labels for to={to}, got predictions (they have confidences): to={', '.join(correcting)} lets "
            "people correct them, predictions=false takes them for labels, without confidences"
        )
    return predictions


def _check_names(splits: Mapping[str, Sequence[LabelledImage]]) -> None:
    """Refuses two images of one name in a split, as where several splits become one: the words of one would be lost."""
    for images in splits.values():
        join_images([as_labelled_images(images)])


def _entry(image: LabelledImage) -> Mapping[str, Any]:
    """An image's entry with all of its keys, but for the confidences, which make words predictions."""
    if image.entry is None:
        return layout_entry(image.annotation)
    words = {
        word: {key: value for key, value in fields.items() if key != "confidence"}
        for word, fields in image.entry["words"].items()
    }
    return {**image.entry, "words": words}


def _read_project(given: Path, images: Path | None) -> list[LabelledImage]:
    """Images of a root, split by split, or of one annotation JSON."""
    paths = labels_files(given) if given.is_dir() else [given]
    if not paths:
        raise AnnotationError(f"{given}: expected a JSON, or a folder with jsons/<split>.json, got neither")
    found = []
    names: dict[Path, list[str]] = {}
    for path in paths:
        annotations = read_annotations(path, confidences="allow")
        folder = images_of(path)
        if images is not None or not folder.is_dir():
            folder = images or _find_image_folder(path.parent)
        check_images(annotations, folder)
        names.setdefault(folder, []).extend(annotations)
        labelled = LabelledImages.in_folder(annotations.values(), folder)
        sizes = labelled.check_sizes()
        entries = read_json_object(path, "annotations")["images"]
        split = path.stem if given.is_dir() else None
        for annotation, (width, height) in zip(labelled.annotations, sizes, strict=True):
            sized = replace(annotation, width=width, height=height)
            found.append(LabelledImage(sized, folder, split, entries[annotation.filename]))
    for folder, listed in names.items():
        warn_of_unlabelled(listed, folder, given)
    return found


def _read_foreign(
    label_format: LabelFormat, files: Sequence[LabelFile], given: Path, images: Path | None, settings: LabelSettings
) -> list[LabelledImage]:
    base = given if given.is_dir() else given.parent
    folder = ImageFolder(images or _find_image_folder(base))
    findings = Findings()
    source = Source(_choose_files(label_format, files, folder), base, folder, settings, findings)
    found: list[LabelledImage] = []
    places: dict[str, str] = {}
    for image in label_format.read(source):
        key = image.image.key
        with findings.faults_at(image.place):
            if key in places:
                raise ValueError(f"expected each image once, got {key} again (first: {places[key]})")
            places[key] = image.place
            annotation = normalise(image, findings, fractions=label_format.fractions)
            found.append(LabelledImage(annotation, folder.folder, image.split))
    absent = "label file" if source.files and label_format.stems(source.files[0]) else "entry in the labels"
    for image_file in folder.unnamed():
        if not label_format.absent_is_empty:
            findings.count(f"image without {absent}, left out", image_file.key)
            continue
        with findings.faults_at(image_file.key):
            found.append(LabelledImage(ImageAnnotation(image_file.key, *image_file.size), folder.folder))
            findings.count("image without label file, taken as one without text", image_file.key)
    findings.report(f"{given}: expected {label_format.title} labels")
    return found


def _choose_files(label_format: LabelFormat, files: Sequence[LabelFile], folder: ImageFolder) -> list[LabelFile]:
    """The files that are labels: of an image that is there, alike the format, or damaged; all, where none is."""
    files = [file for file in files if file.path.suffix.lower() in label_format.suffixes]
    if len(files) == 1:
        return files
    chosen, others = list[LabelFile](), list[LabelFile]()
    for file in files:
        stems = label_format.stems(file)
        fresh = LabelFile(file.path, file.name)  # what it reads is not kept
        is_label = (stems and folder.has_stem(*stems, near=file)) or label_format.sniff(fresh) or fresh.is_damaged()
        (chosen if is_label else others).append(file)
    if chosen and others:
        log.info("no labels: %s", ", ".join(file.name for file in others[:LISTED]))
    return chosen or files


def _find_image_folder(base: Path) -> Path:
    """`images` in the folder of the labels or beside it, or that folder itself."""
    for folder in (base / "images", base, base.parent / "images"):
        if folder.is_dir() and find_images(folder):
            return folder
    beside = (folder for folder in sorted(base.parent.iterdir()) if folder.is_dir() and os.access(folder, os.R_OK))
    filled = (str(folder) for folder in beside if any(is_image_name(file.name) for file in folder.iterdir()))
    options = list(islice(filled, LISTED)) or ["FOLDER"]
    raise AnnotationError(
        f"{base}: expected images in it or in a folder images beside it, found none; give "
        f"{' or '.join(f'images={option}' for option in options)}"
    )


def _write(texts: Mapping[Path, str], images: Sequence[tuple[LabelledImage, Path]], way: Way) -> None:
    there = [str(path) for path in texts if path.exists()]
    if there:
        raise FileExistsError(f"{', '.join(there[:LISTED])}: there already; choose another output= or split=")
    pairs = [(image.path, folder / image.name) for image, folder in images]
    check_places(pairs)
    done = Counter(place_file(source, target, way) for source, target in pairs)
    for path, text in texts.items():
        write_text_atomic(path, text)
    for what, count in done.items():
        log.info("%d images %s", count, WAYS[what])
