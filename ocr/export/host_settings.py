"""The settings with which other programs read a detector as this project reads it, as far as they can."""

from __future__ import annotations

from pathlib import Path
from string import Template

from ocr.detection.reading import Reading
from ocr.transforms.geometric import STRIDE

TEMPLATES = Path(__file__).with_name("hosts")
PADDLE_NAME = "PP-OCRv5_mobile_det"
"""A model that PaddleX knows: the way in which it reads DB detectors goes by the name."""


def describe_host(name: str, reading: Reading, side: int | None = None) -> str:
    """What to type in the program that a file is for.

    Args:
        name: of its purpose.
        reading: of the detector; its unclip ratio is the calibrated one.
        side: height and width of the file's input where they are fixed, px.
    """
    return _fill(f"{name}.txt", reading, side)


def paddle_configuration(reading: Reading) -> str:
    """The `inference.yml` beside PaddleX's `inference.onnx`."""
    return _fill("paddle.yml", reading)


def _fill(template: str, reading: Reading, side: int | None = None) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    more = {"letterbox": reading.letterbox, "side": side, "name": PADDLE_NAME, "stride": STRIDE}
    return Template(text).substitute(reading.settings, **more)
