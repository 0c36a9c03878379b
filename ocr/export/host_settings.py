"""The settings with which other programs read a detector as this project reads it, as far as they can."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from string import Template

import numpy as np

from baseline_code.files.atomic import write_text_atomic
from ocr.detection.reading import Reading
from ocr.geometry.packed import pack_polygons
from ocr.geometry.rectangles import minimum_area_rectangles
from ocr.postprocess import DBPostProcess
from ocr.postprocess.regions import ProbabilityMap, find_regions
from ocr.postprocess.unclip import regions_to_quads
from ocr.transforms.geometric import STRIDE, Letterbox

TEMPLATES = Path(__file__).with_name("hosts")
PADDLE_NAME = "PP-OCRv5_mobile_det"
"""A model that PaddleX knows: the way in which it reads DB detectors goes by the name."""


def describe_host(name: str, reading: Reading, side: int | None = None) -> str:
    """What to type in the program that a file is for.

    Args:
        name: of its format.
        reading: of the detector; its unclip ratio is the calibrated one.
        side: height and width of the file's input where they are fixed, px.
    """
    return _fill(f"{name}.txt", reading, side)


def write_host_text(name: str, reading: Reading, folder: Path, side: int | None = None) -> Path:
    """Writes `describe_host` beside the file; returns the text's path."""
    path = folder / f"{name}.txt"
    write_text_atomic(path, describe_host(name, reading, side))
    return path


def paddle_configuration(reading: Reading) -> str:
    """The `inference.yml` beside PaddleX's `inference.onnx`."""
    return _fill("paddle.yml", reading)


def _fill(template: str, reading: Reading, side: int | None = None) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    more = {"letterbox": reading.letterbox, "side": side, "name": PADDLE_NAME, "stride": STRIDE}
    return Template(text).substitute(reading.settings, **more, **_limits(reading.letterbox))


def _limits(letterbox: Letterbox) -> dict[str, object]:
    """What is nearest to a letterbox in programs that know limits of an image's sides only.

    PaddleX reads `limit_type` and `max_side_limit` from its constructor only; its yml states them for other readers.
    """
    size, cap, scaled = letterbox.img_size, letterbox.max_side, f"The detector scales images to {letterbox}"
    if letterbox.resize == "long_side":
        return {
            "limit": "max",
            "shortest": STRIDE,
            "longest": size,
            "paddle_limits": f'limit_type="resize_long", limit_side_len={size}',
            "paddle_resize": f"{{resize_long: {size}}}",
            "note": f"{scaled}; this program does not enlarge smaller ones.",
            "paddle_note": f"{scaled}.",
        }
    reduced = f"{scaled}. This program does not reduce images to the short side: scale larger ones down first."
    return {
        "limit": "min",
        "shortest": size,
        "longest": cap,
        "paddle_limits": f'limit_type="min", limit_side_len={size}, max_side_limit={cap}',
        "paddle_resize": f"{{limit_side_len: {size}, limit_type: min, max_side_limit: {cap}}}",
        "note": f"{reduced}\nWhere it enlarges, it does not hold the long side to {cap} px.",
        "paddle_note": reduced,
    }


def fit_unclip_ratio(maps: Iterable[ProbabilityMap], postprocess: DBPostProcess) -> float:
    """The ratio that gives most words the rectangle that the exact unclip gives them.

    Other programs measure a region through the centres of its pixels, so that it is a pixel too small, or less where
    it is slanted, and move it out by area * ratio / perimeter. Solved for the ratio, word by word; the median counts.

    Args:
        maps: probability maps, (H, W) each.
        postprocess: with the shrink ratio and the thresholds of the detector.

    Returns:
        The ratio; that of the settings where they do not use the exact unclip, or no word is found.
    """
    if postprocess.unclip != "exact":
        return postprocess.unclip_ratio
    ratios = [np.empty(0)]
    for probability in maps:
        regions = find_regions(probability, postprocess.thresh, postprocess.box_thresh, postprocess.max_candidates)
        measured = minimum_area_rectangles(regions.contours).size
        quads = pack_polygons(regions_to_quads(regions, "exact", postprocess.shrink_ratio))
        perimeter, exact = (2 * sizes.sum(axis=1) for sizes in (measured, minimum_area_rectangles(quads).size))
        thick = measured.min(axis=1) >= 1
        distance = (exact - perimeter)[thick] / 8  # each of four sides becomes longer at both ends
        ratios.append(distance * perimeter[thick] / measured[thick].prod(axis=1))
    found = np.concatenate(ratios)
    return round(float(np.median(found)), 2) if found.size else postprocess.unclip_ratio
