"""Label Studio: a list of tasks, and its short form JSON-MIN."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from ocr.annotations.formats.coordinates import stated_size
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
from ocr.annotations.formats.label_studio_min import is_minimal, read_minimal
from ocr.annotations.formats.label_studio_regions import (
    Entry,
    find_image,
    is_ignored,
    joined_text,
    newest,
    read_shape,
    write_shape,
)
from ocr.annotations.words import Word

SHAPES = ("rectangle", "polygon", "ellipse")
NO_REGIONS = ("choices", "labels", "textarea", "rating", "number", "relation", "taxonomy", "datetime", "pairwise")
IGNORE = "Ignore"


class LabelStudio(LabelFormat):
    """Of several annotations of a task the ground truth counts, or else the newest; cancelled ones do not."""

    name = "label_studio"
    title = "Label Studio"
    suffixes = (".json",)
    fractions = True
    for_correction = True

    def sniff(self, file: LabelFile) -> bool:
        """A list of tasks with data, or of results with boxes."""
        content = file.sniffed_json
        first = content[0] if isinstance(content, list) and content else None
        return isinstance(first, dict) and ("data" in first or is_minimal(first))

    def read_file(self, file: LabelFile, source: Source) -> Iterator[ForeignImage]:
        """See `LabelFormat`."""
        tasks: Any = file.json()
        if tasks and is_minimal(tasks[0]):
            yield from read_minimal(tasks, file, source)
            return
        for index, task in enumerate(tasks, start=1):
            place = f"{file.name}, task {task.get('id', index)}"
            with source.findings.faults_at(place):
                annotation = _choose_annotation(task, place, file, source)
                if annotation is not None:
                    yield _read_task(task, annotation, place, file, source)

    def write(self, images: Sequence[LabelledImage], settings: LabelSettings, findings: Findings) -> dict[str, str]:
        """See `LabelFormat`; with the configuration of a project that shows the tasks."""
        tasks = []
        for image in images:
            regions = [part for word in image.annotation.words for part in _regions(word, image, settings)]
            scores = [word.score for word in image.annotation.words if word.score is not None]
            result: dict[str, Any] = {"result": regions}
            if settings.predictions:
                result |= {"model_version": "dbnet"} | ({"score": sum(scores) / len(scores)} if scores else {})
            key = "predictions" if settings.predictions else "annotations"
            tasks.append({"data": {"image": settings.image_url + quote(image.name)}, key: [result]})
        return {
            "tasks.json": json.dumps(tasks, ensure_ascii=False) + "\n",
            "labeling_config.xml": _labelling_config(settings),
        }


def _choose_annotation(task: Entry, place: str, file: LabelFile, source: Source) -> Entry | None:
    """The annotation of a task that counts; None where there is none, so that nobody has said what its image shows."""
    annotations = [one for one in task.get("annotations") or task.get("completions") or () if isinstance(one, Mapping)]
    valid = [one for one in annotations if not one.get("was_cancelled")]
    for _ in range(len(annotations) - len(valid)):
        source.findings.count("annotation cancelled, left out", place)
    if not valid:
        source.findings.count(
            "task without a valid annotation left out", place, "with predictions" if task.get("predictions") else ""
        )
        with suppress(ValueError):
            find_image(task["data"], file, source.images)  # the image is named: it is not counted a second time
        return None
    chosen = newest([one for one in valid if one.get("ground_truth")] or valid)
    if len(valid) > 1:
        source.findings.count("task with several annotations", f"{place}: {chosen.get('id')} used")
    return chosen


def _read_task(task: Entry, annotation: Entry, place: str, file: LabelFile, source: Source) -> ForeignImage:
    image = find_image(task["data"], file, source.images)
    results: dict[str, list[Entry]] = {}
    for index, result in enumerate(annotation.get("result") or ()):
        if result.get("image_rotation"):
            raise ValueError(
                f"expected image_rotation 0 for {image.key}, got {result['image_rotation']}: rotate the image itself"
            )
        results.setdefault(str(result.get("id", f"number {index}")), []).append(result)
    words, stated = [], None
    for region, parts in results.items():
        region_place = f"{place}, region {region}"
        with source.findings.faults_at(region_place):
            shape = next((part for part in parts if str(part.get("type")).startswith(SHAPES)), None)
            if shape is None:
                other = [str(part["type"]) for part in parts if part.get("type") not in NO_REGIONS]
                if other:
                    source.findings.count("region left out", region_place, other[0])
                continue
            stated = stated or stated_size(shape.get("original_width"), shape.get("original_height"))
            values = [part.get("value") or {} for part in parts]
            text = next((joined_text(value["text"]) for value in values if "text" in value), "")
            ignore = any(map(is_ignored, values))
            words.append(ForeignWord(read_shape(shape["value"]), text, ignore, region_place))
    return ForeignImage(image, words, f"{place}, {image.key}", stated)


def _regions(word: Word, image: LabelledImage, settings: LabelSettings) -> Iterator[dict[str, Any]]:
    """The region of a word, and its text with the same id."""
    width, height = image.size
    value = write_shape(word.polygon, image.size)
    is_polygon = "points" in value
    kind = "polygonlabels" if is_polygon else "rectanglelabels"
    region = {
        "id": f"word_{word.id}",
        "to_name": settings.image_name,
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
    }
    labels = {kind: [IGNORE if word.ignore else settings.label]}
    name = settings.polygon_name if is_polygon else settings.rectangle_name
    score = {"score": word.score} if settings.predictions and word.score is not None else {}
    yield {**region, "type": kind, "from_name": name, "value": value | labels, **score}
    if word.text:
        yield {**region, "type": "textarea", "from_name": settings.text_name, "value": value | {"text": [word.text]}}


def _labelling_config(settings: LabelSettings) -> str:
    root = ElementTree.Element("View")
    ElementTree.SubElement(root, "Image", name=settings.image_name, value="$image")
    for tag, name in (("RectangleLabels", settings.rectangle_name), ("PolygonLabels", settings.polygon_name)):
        control = ElementTree.SubElement(root, tag, name=name, toName=settings.image_name)
        for label in (settings.label, IGNORE):
            ElementTree.SubElement(control, "Label", value=label)
    text = {"name": settings.text_name, "toName": settings.image_name, "perRegion": "true", "editable": "true"}
    ElementTree.SubElement(root, "TextArea", text)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"
