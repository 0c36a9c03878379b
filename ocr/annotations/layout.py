"""The project's layout: images in `images/<split>`, and their labels in `jsons/<split>.json`, an entry for each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ocr.annotations.words import ImageAnnotation


def labels_file(root: Path, split: str) -> Path:
    """The annotation JSON of a split."""
    return root / "jsons" / f"{split}.json"


def labels_files(root: Path) -> list[Path]:
    """The annotation JSONs that are there, by name, hidden ones left out (macOS' `._train.json` is none)."""
    return sorted(path for path in (root / "jsons").glob("*.json") if not path.name.startswith("."))


def image_folder(root: Path, split: str) -> Path:
    """The folder of the images of a split."""
    return root / "images" / split


def images_of(labels: Path) -> Path:
    """The folder of the images that an annotation JSON of a root labels."""
    return image_folder(labels.parent.parent, labels.stem)


def layout_entry(annotation: ImageAnnotation) -> dict[str, Any]:
    """What an annotation JSON has for an image; the same float32 coordinates are read back."""
    words = {}
    for word in annotation.words:
        points = [[shortest_decimal(x), shortest_decimal(y)] for x, y in word.polygon]
        words[word.id] = {"points": points, "transcription": word.text, "illegibility": word.ignore}
    return {"img_w": annotation.width, "img_h": annotation.height, "words": words}


def layout_text(entries: Mapping[str, Any]) -> str:
    """An annotation JSON, a line for each image.

    Args:
        entries: as of `layout_entry`, by file name.
    """
    lines = [f"{_json(name)}: {_json(entry)}" for name, entry in entries.items()]
    return '{"images": {\n' + ",\n".join(lines) + "\n}}\n"


def shortest_decimal(value: np.float32) -> float:
    """The shortest decimal number that is this float32 (0.1 rather than 0.10000000149)."""
    return float(str(value))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
