"""What happens to one image of a person who tries a detector: one forward pass, then boxes as often as wanted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from baseline_code.images.decoding import Pixels
from baseline_code.images.scaling import shrink
from ocr.detection import Detector
from ocr.detection.words import PredictedMap
from ocr.visualization.palette import MAP_COLOUR

SHOWN_SIDE = 1600
"""Longest side, px, of what a browser gets: all of a scan would take longer to send than to read."""
UNREADABLE = (ValueError, OSError, MemoryError)


class Opened(NamedTuple):
    """An image whose probability map is kept."""

    predicted: PredictedMap
    shown: Pixels  # the image at `SHOWN_SIDE` at most
    seconds: float  # of decoding and the forward pass


class Drawn(NamedTuple):
    """An image with its boxes, and one line about them."""

    image: Pixels
    line: str


def open_image(detector: Detector, path: Path) -> Opened:
    """Reads an image and runs the detector on it, once.

    Args:
        detector: predicts the map.
        path: of the image, which is decoded as everywhere in the project.

    Raises:
        ValueError: if it is no image that can be read; the message has the file's name, not its folder.
    """
    start = time.perf_counter()
    try:
        predicted = detector.predict(path.read_bytes(), name=path.name)
    except UNREADABLE as error:
        raise ValueError(" ".join(str(error).split()) or f"{path.name}: {type(error).__name__}") from error
    return Opened(predicted, shrink(predicted.pixels, SHOWN_SIDE), time.perf_counter() - start)


def draw(opened: Opened, settings: Mapping[str, Any], *, show_map: bool = False) -> Drawn:
    """Reads the map of an image with other settings, and draws what is found; the network does not run.

    Args:
        opened: the image.
        settings: such as `thresh`, `box_thresh` and `unclip_ratio`.
        show_map: also lay the probability map over the image, in blue.

    Raises:
        TypeError, ValueError: see `PredictedMap.words`.
    """
    start = time.perf_counter()
    words = opened.predicted.words(**settings)
    seconds = time.perf_counter() - start
    image: Pixels = np.asarray(words.draw(_with_map(opened) if show_map else opened.shown))
    found = "no words" if not words else "1 word" if len(words) == 1 else f"{len(words)} words"
    line = f"{found}; forward pass {opened.seconds * 1000:.0f} ms, once; boxes {seconds * 1000:.0f} ms"
    return Drawn(image, line)


def typed_settings(opened: Opened, settings: Mapping[str, Any]) -> str:
    """The settings that are not the detector's own, as `predict.py` takes them; empty where all are."""
    own = opened.predicted.reading.settings
    return " ".join(f"models.head.{name}={value}" for name, value in settings.items() if value != own[name])


def _with_map(opened: Opened) -> Pixels:
    """The image, half as strong, under its map."""
    height, width = opened.shown.shape[:2]
    probability = cv2.resize(opened.predicted.probability, (width, height), interpolation=cv2.INTER_LINEAR)
    weight = (probability.astype(np.float32) * (0.7 / 65535))[:, :, None]
    mixed = opened.shown * (1 - weight) + np.array(MAP_COLOUR, np.float32) * weight
    blended: Pixels = np.rint(mixed).astype(np.uint8)
    return blended
