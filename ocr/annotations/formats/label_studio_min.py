"""Label Studio's JSON-MIN: boxes and texts of an annotation in two lists without ids."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ocr.annotations.formats.coordinates import stated_size
from ocr.annotations.formats.field_values import is_text, text_of
from ocr.annotations.formats.interface import ForeignImage, ForeignWord, Source
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.label_studio_regions import Entry, find_image, is_ignored, newest, read_shape

GEOMETRY = ("x", "y", "width", "height", "rotation", "radiusX", "radiusY", "points")
TEXT_KEYS = ("transcription", "text")


def is_minimal(entry: object) -> bool:
    """Whether an entry of a list is one of JSON-MIN."""
    return isinstance(entry, dict) and "annotation_id" in entry and "data" not in entry


def read_minimal(entries: Sequence[Entry], file: LabelFile, source: Source) -> Iterator[ForeignImage]:
    """The words of each task; of several annotations of one the newest.

    Args:
        entries: one for each annotation.
        file: the label file.
        source: takes what is found.
    """
    of_task: dict[str, list[Entry]] = {}
    for index, entry in enumerate(entries):
        of_task.setdefault(str(entry.get("id", f"number {index}")), []).append(entry)
    for task, listed in of_task.items():
        place = f"{file.name}, task {task}"
        with source.findings.faults_at(place):
            entry = newest(listed)
            if len(listed) > 1:
                chosen = f"{place}: {entry['annotation_id']} used"
                source.findings.count("task with several annotations", chosen)
            yield _read_entry(entry, place, file, source)


def _read_entry(entry: Entry, place: str, file: LabelFile, source: Source) -> ForeignImage:
    image = find_image(entry, file, source.images)
    regions = _regions(entry)
    texts = _texts(entry)
    plain = [text_of(text) for text in texts if is_text(text)]
    if texts and not len(plain) == len(texts) == len(regions):
        source.findings.count("task whose texts cannot be told apart", place)
        plain = []
    stated, words = None, []
    for index, region in enumerate(regions):
        region_place = f"{place}, region {index + 1}"
        with source.findings.faults_at(region_place):
            stated = stated or stated_size(region.get("original_width"), region.get("original_height"))
            text = plain[index] if plain else ""
            words.append(ForeignWord(read_shape(region), text, is_ignored(region), region_place))
    return ForeignImage(image, words, f"{place}, {image.key}", stated)


def _regions(entry: Entry) -> list[Entry]:
    """The regions of all controls; one that two of them have (a box and its label) once."""
    regions = [
        region
        for key, values in entry.items()
        if key not in TEXT_KEYS and isinstance(values, list)
        for region in values
        if isinstance(region, Mapping) and ("points" in region or "x" in region)
    ]
    joined: dict[str, dict[str, Any]] = {}
    for region in regions:
        geometry = json.dumps({key: region[key] for key in GEOMETRY if key in region})
        joined.setdefault(geometry, {}).update(region)
    return list(joined.values())


def _texts(entry: Entry) -> list[object]:
    """The texts, of which a single one stands without its list."""
    values: object = next((entry[key] for key in TEXT_KEYS if key in entry), [])
    return values if isinstance(values, list) else [values]
