"""What the benchmarks work on: generated receipts of 1024 x 1024 px with about 110 regions, and detections of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from ocr.geometry.polygons import Polygon
from ocr.label_maps.painting import build_targets
from synthetic.receipts import GeneratedImage, generate_receipt
from synthetic.receipts.dataset import annotation

SIDE = 1024
REGIONS = 110
KINDS = {"quads": 4, "14-point polygons": 14}
"""Vertices per polygon; those of 14 lie on bent paper."""
FALSE_POSITIVES = 10
RECEIPT = (53, 52)
"""Words and detections of a receipt of usual length."""
JPEG_QUALITY = 90


class Scene(NamedTuple):
    """A receipt's labels, and a probability map such as a trained network gives for it."""

    polygons: list[Polygon]
    ignore: list[bool]
    probability: npt.NDArray[np.float32]  # (SIDE, SIDE), in [0, 1]


@cache
def make_scenes(kind: str, count: int) -> Sequence[Scene]:
    """`count` receipts with `REGIONS` tilted words each.

    Args:
        kind: one of `KINDS`.
        count: how many; receipts of equal number are equal in every run.
    """
    return tuple(_make_scene(kind, index) for index in range(count))


def _make_scene(kind: str, index: int) -> Scene:
    points = KINDS[kind]
    receipt = generate_receipt(
        7,
        index,
        width=SIDE,
        height=SIDE,
        regions=REGIONS,
        points=points,
        curve=0.6 if points > 4 else 0.0,
        slant=8.0,
        illegible=0.0,
    )
    ignore = [False] * len(receipt.polygons)
    shrunk = build_targets(receipt.polygons, ignore, SIDE, SIDE).probability[0] / np.float32(255)
    noise = np.random.default_rng(index).normal(0.0, 0.03, shrunk.shape).astype(np.float32)
    soft = cv2.GaussianBlur(shrunk, (0, 0), 1.0) * 0.97 + 0.01
    return Scene(receipt.polygons, ignore, np.clip(soft + noise, 0.0, 1.0, dtype=np.float32))


def make_detections(words: Sequence[Polygon], seed: int) -> list[Polygon]:
    """Detections such as a good network gives, each moved by about 1 px: some words are missed, split or merged.

    Args:
        words: labels; their top line is the first half of their vertices.
        seed: which noise.

    Returns:
        About as many polygons as words, the last `FALSE_POSITIVES` of them upright boxes elsewhere.
    """
    rng = np.random.default_rng(seed)
    found: list[Polygon] = []
    for index, word in enumerate(words):
        moved = word + rng.normal(0.0, 0.7, 2) + rng.normal(0.0, 0.5, word.shape)
        half = len(word) // 2
        middle_top, middle_bottom = (word[0] + word[half - 1]) / 2, (word[half] + word[-1]) / 2
        if index % 20 == 5:
            found.append(np.array([word[0], middle_top, middle_bottom, word[-1]], dtype=np.float32))
            found.append(np.array([middle_top, word[half - 1], word[half], middle_bottom], dtype=np.float32))
        elif index % 20 == 15 and index + 1 < len(words):
            following = words[index + 1]
            found.append(np.array([word[0], *following[len(following) // 2 - 1 :][:2], word[-1]], dtype=np.float32))
        elif index % 9 != 8:
            found.append(moved.astype(np.float32))
    for left, top in rng.uniform(0.0, 900.0, (FALSE_POSITIVES, 2)):
        width, height = rng.uniform(20.0, 100.0), rng.uniform(10.0, 25.0)
        corners = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]]
        found.append(np.array(corners, dtype=np.float32))
    return found


def scene_of_a_receipt() -> tuple[list[Polygon], list[Polygon]]:
    """Words and detections in the numbers of `RECEIPT`."""
    words = list(make_scenes("quads", 1)[0].polygons[: RECEIPT[0]])
    found = make_detections(words, seed=0)
    return words, found[len(found) - RECEIPT[1] :]


def write_receipts(root: Path, split: str, receipts: Sequence[GeneratedImage], count: int) -> None:
    """`count` JPEG files and their labels in the project's layout; names beyond the receipts lead to the same files."""
    folder = root / "images" / split
    folder.mkdir(parents=True)
    (root / "jsons").mkdir(exist_ok=True)
    entries = [annotation(receipt) for receipt in receipts]
    for number in range(count):
        path = folder / f"{number}.jpg"
        if number < len(receipts):
            Image.fromarray(receipts[number].image).save(path, quality=JPEG_QUALITY)
        else:
            path.hardlink_to(folder / f"{number % len(receipts)}.jpg")
    labels = {f"{number}.jpg": entries[number % len(entries)] for number in range(count)}
    (root / "jsons" / f"{split}.json").write_text(json.dumps({"images": labels}))
