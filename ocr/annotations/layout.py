"""The project's layout, written: `images/<part>` and `jsons/<part>.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ocr.annotations.words import ImageAnnotation


def layout_entry(annotation: ImageAnnotation) -> dict[str, Any]:
    """What an annotation JSON has for an image; the same float32 coordinates are read back."""
    words = {}
    for word in annotation.words:
        points = [[_shortest(x), _shortest(y)] for x, y in word.polygon]
        words[word.id] = {"points": points, "transcription": word.text, "illegibility": word.ignore}
    return {"img_w": annotation.width, "img_h": annotation.height, "words": words}


def layout_text(entries: Mapping[str, Any]) -> str:
    """An annotation JSON, a line for each image.

    Args:
        entries: of `layout_entry`, by file name.
    """
    lines = [f"{_json(name)}: {_json(entry)}" for name, entry in entries.items()]
    return '{"images": {\n' + ",\n".join(lines) + "\n}}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shortest(value: np.float32) -> float:
    """The shortest decimal number that is this float32."""
    return float(str(value))
