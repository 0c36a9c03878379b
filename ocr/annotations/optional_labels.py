"""Labels of images that may have none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ocr.annotations.reading import read_annotations
from ocr.annotations.words import ImageAnnotation

OWN_LABELS = "annotations.json"
"""Labels that lie beside probability maps, as runners/kfold.py leaves them."""


class Labels(NamedTuple):
    """Words by file name, and the file that has them."""

    path: Path
    annotations: Mapping[str, ImageAnnotation]


def read_labels(annotations: str | None, images: str | None, root: Path) -> Labels | None:
    """Labels from a file, or those of a part.

    Args:
        annotations: a JSON; None: `jsons/<images>.json` below the root.
        images: name of a part, or images without labels.
        root: folder of the data.

    Returns:
        None where no file is named, and the part has none or one without any readable word, as that of a test set.

    Raises:
        ocr.annotations.faults.AnnotationError: if the file cannot be read.
    """
    if annotations is not None:
        return Labels(Path(annotations), read_annotations(annotations))
    path = root / "jsons" / f"{images}.json"
    if images is None or Path(images).exists() or not path.is_file():
        return None
    labels = Labels(path, read_annotations(path))
    readable = any(not all(annotation.ignore) for annotation in labels.annotations.values())
    return labels if readable else None
