"""Which format label files have, by what is in them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ocr.annotations.faults import AnnotationError
from ocr.annotations.formats.coco import Coco
from ocr.annotations.formats.coco_text import CocoText
from ocr.annotations.formats.cord import Cord
from ocr.annotations.formats.ctw1500 import Ctw1500
from ocr.annotations.formats.cvat import Cvat
from ocr.annotations.formats.doctr import DocTr
from ocr.annotations.formats.funsd import Funsd
from ocr.annotations.formats.icdar2013 import Icdar2013
from ocr.annotations.formats.icdar2015 import Icdar2015, Sroie
from ocr.annotations.formats.icdar2017 import Icdar2017, scripts_prevail
from ocr.annotations.formats.icdar_polygons import IcdarPolygons
from ocr.annotations.formats.interface import LabelFormat, PerImageFormat
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.label_studio import LabelStudio
from ocr.annotations.formats.labelme import LabelMe
from ocr.annotations.formats.paddleocr import PaddleOcr
from ocr.annotations.formats.totaltext import TotalText
from ocr.annotations.formats.voc import Voc
from ocr.annotations.formats.yolo import YoloObb, YoloSeg
from ocr.annotations.layout import labels_files

_ALL: tuple[LabelFormat, ...] = (
    PaddleOcr(),  # of the text files the first that fits is taken: those with the plainer marks come first
    TotalText(),
    Ctw1500(),
    YoloObb(),
    YoloSeg(),
    Icdar2013(),
    IcdarPolygons(),
    Icdar2017(),
    Icdar2015(),
    Sroie(),
    Coco(),
    CocoText(),
    LabelMe(),
    LabelStudio(),
    DocTr(),
    Cord(),
    Funsd(),
    Cvat(),
    Voc(),
)
FORMATS = {one.name: one for one in _ALL}
"""Every format by its name."""
PROJECT = "project"
"""The project's own layout, among the names of formats."""
SUFFIXES = tuple(sorted({suffix for one in _ALL for suffix in one.suffixes}))

SNIFFED_FILES = 50
MOST_FILES = 5000  # looked through for a hint


def label_files(given: Path) -> list[LabelFile]:
    """The file that was given, or all files below a folder that may hold labels, hidden ones left out, by name."""
    if given.is_file():
        return [LabelFile(given, given.name)]
    return list(_walk(given))


def recognise(files: Sequence[LabelFile], given: Path) -> str:
    """The name of the format that label files have.

    Args:
        files: of `label_files`.
        given: where they are, for messages.

    Raises:
        AnnotationError: if they look like none, or like several.
    """
    return _recognise(files, given)[0]


def describe_foreign(given: Path) -> str:
    """For the message about labels that are not the project's: which format they look like, and what to type.

    Args:
        given: a file or folder; where nothing is there, its folder is looked through, or the root of which it would
            be a JSON.

    Returns:
        A clause that begins with a semicolon; empty where no format is recognised.
    """
    root = given.parent.parent if given.parent.name == "jsons" else given.parent
    splits = labels_files(root) if root != given.parent else []
    if splits and not given.exists():
        return _describe_splits(root, splits)
    place = next((one for one in (given, given.parent, root) if one.exists()), None)
    if place is None or place.resolve() in (Path.cwd(), Path.home(), Path(place.anchor)):
        return ""
    try:
        files = [LabelFile(place, place.name)] if place.is_file() else list(islice(_walk(place), MOST_FILES))
        name, example = _recognise(files, place)
    except (OSError, ValueError):
        return ""
    if name == PROJECT and (place != root or root == given.parent):
        return ""
    what, further = "labels without a split", "split=0.8,0.1,0.1"
    if name == PROJECT:
        place = example.path
    else:
        what, split = f"{FORMATS[name].title} labels", given.parent.name == "jsons"
        further = f"from={name} {further}" if split else f"from={name}"
        if place.is_file() and isinstance(FORMATS[name], PerImageFormat):
            place = place.parent
    typed = shlex.quote(f"input={place}")
    return f"; {place} looks like {what}: python runners/convert.py {typed} {further} output=data/converted"


def _describe_splits(root: Path, splits: Sequence[Path]) -> str:
    """For the message about a split that data do not have: those that they have, and how one becomes several."""
    if len(splits) > 1:
        return f"; {root} has the splits {', '.join(path.stem for path in splits)}"
    typed = shlex.join(
        ["python", "runners/convert.py", f"input={splits[0]}", "split=0.8,0.1,0.1", f"output={root}_split"]
    )
    return f"; {root} has the split {splits[0].stem} only: {typed}"


def describe_other(files: Sequence[LabelFile], given: Path, name: str) -> str | None:
    """For the message about labels that are not of the format that was named: which they look like.

    Args:
        files: of `label_files`.
        given: where they are.
        name: the format that was named.

    Returns:
        A sentence; None where they look like that format, like none, or like several.
    """
    try:
        found = recognise(files, given)
    except AnnotationError:
        return None
    if found == name:
        return None
    title = "the project's own" if found == PROJECT else FORMATS[found].title
    return f"{given} looks like {title} labels: leave from={name} out, or type from={found}"


def _recognise(files: Sequence[LabelFile], given: Path) -> tuple[str, LabelFile]:
    """The format, and the first file that has it; arguments and errors as of `recognise`."""
    examples = _examples(files)
    if not examples:
        raise AnnotationError(f"{given}: expected labels of a known format, {_describe_unknown(files)}")
    if {Icdar2015.name, Icdar2017.name} <= examples.keys():
        prevailing = scripts_prevail([file for file in files if file.path.suffix.lower() == ".txt"])
        del examples[Icdar2015.name if prevailing else Icdar2017.name]
    if len(examples) > 1:
        listed = ", ".join(f"{name} ({file.name})" for name, file in examples.items())
        raise AnnotationError(
            f"{given}: expected labels of one format, got {listed}; name one, such as from={next(iter(examples))}"
        )
    return next(iter(examples.items()))


def _walk(folder: Path) -> Iterator[LabelFile]:
    for place, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            path = Path(place) / name
            if path.suffix.lower() in SUFFIXES and not name.startswith(".") and path.is_file():
                yield LabelFile(path, path.relative_to(folder).as_posix())


def _examples(files: Sequence[LabelFile]) -> dict[str, LabelFile]:
    """The formats of the files, each with the first file that has it."""
    found: dict[str, LabelFile] = {}
    sniffed = 0
    for file in files:
        name = _recognise_file(LabelFile(file.path, file.name))  # what it reads is not kept
        if name is not None:
            found.setdefault(name, file)
            sniffed += 1
        if sniffed == SNIFFED_FILES:
            break
    return found


def _recognise_file(file: LabelFile) -> str | None:
    if file.holds(images=dict):
        return PROJECT
    suffix = file.path.suffix.lower()
    return next((one.name for one in _ALL if suffix in one.suffixes and one.sniff(file)), None)


def _describe_unknown(files: Sequence[LabelFile]) -> str:
    if not files:
        return f"found no {', '.join(SUFFIXES)} file there; input= takes the labels, images= the folder of the images"
    file = files[0]
    try:
        start = file.text()[:60]
        if file.path.suffix.lower() == ".json":
            file.json()
    except ValueError as error:
        return f"got {file.name}: {error}"
    return f"got {file.name}, which begins with {start!r}; name the format by from={' | '.join(FORMATS)}"
