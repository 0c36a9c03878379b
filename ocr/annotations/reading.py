"""Reader of the annotation JSON: every image's words, or one error that lists all that is broken."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from baseline_code.files.json_file import JsonFileError, read_json
from baseline_code.files.names import find_file
from ocr.annotations.coordinate_units import check_units
from ocr.annotations.faults import AnnotationError, Notes, list_faults
from ocr.annotations.image_entry import ImageReader
from ocr.annotations.json_objects import keep_repeated, require_object
from ocr.annotations.words import ImageAnnotation


def read_annotations(path: str | os.PathLike[str], *, predicted: bool = False) -> dict[str, ImageAnnotation]:
    """Reads and validates an annotation (or prediction) JSON.

    Required are `images`, `words` (may be empty) and `points` (4 to 1,000 pairs of finite numbers) only; unknown keys
    are let through. A word is ignored where `illegibility` is true (or 1, or "true"), where its transcription is `###`,
    and where its points lie on one line: such slips occur in real sets, nothing can be learnt from them, and the
    metric would ask 100 characters of them that no detection can find; each is named in a warning.

    Polygons that cross themselves are named in a warning too. Four points are put in order (their hull, clockwise from
    the top-left); more points are ignored, but for polygons whose largest lobe is nine tenths of their area.

    Where `img_w` and `img_h` are given, points outside the image by at most 5 px or 2 % of that side (whichever is
    more: boxes drawn past the border) move onto the border; any farther is a fault (a swapped x and y, another size,
    an orientation not applied).

    Args:
        path: the JSON file, UTF-8, as {"images": {name: {"img_w", "img_h", "words": {id: {"points", …}}}}}.
        predicted: whether it holds predictions, whose polygons stay as they are: they are scored as they stand.

    Returns:
        Annotations by image name, in the file's order. Images without words are there, with none.

    Raises:
        AnnotationError: naming the file, and by image and word each entry that is broken or there twice (the first
            50, and how many there are in all); or saying that the points are no pixels.
    """
    path = Path(path)
    notes = Notes()
    try:
        document = read_json(path, "a JSON file", pairs=keep_repeated)
    except JsonFileError as error:
        raise AnnotationError(str(error)) from error
    annotations: dict[str, ImageAnnotation] = {}
    for filename, entry in require_object(document, "images", "top level", notes.faults).items():
        annotations[filename] = ImageReader(filename, notes, mends=not predicted).read(entry)
    if notes.faults:
        raise AnnotationError(list_faults(f"{path}: expected valid annotations, got", notes.faults, "broken entries"))
    check_units(annotations, path)
    notes.warn(path)
    return annotations


def check_images(annotations: Mapping[str, ImageAnnotation], folder: str | os.PathLike[str]) -> None:
    """Makes sure that every annotated image is there.

    Args:
        annotations: as from `read_annotations`.
        folder: where the images should be.

    Raises:
        AnnotationError: naming the folder and each annotated file that it lacks (the first 50, and how many in all).
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise AnnotationError(
            f"{folder}: expected the folder of {len(annotations)} annotated images, got no such folder"
        )
    missing = [filename for filename in annotations if not find_file(folder / filename).is_file()]
    if missing:
        head = f"{folder}: expected all {len(annotations)} annotated images, got none of"
        raise AnnotationError(list_faults(head, missing, "files"))
