"""Times the fusion of probability maps: folds of one size, members of three sizes, logits, and test-time views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.report import Row, argument_parser, publish, time_in_turn, timing_rows, use_one_thread
from benchmarks.scenes import SIDE, make_scenes
from ocr.annotations.records import ImageRecord
from ocr.geometry import flip_horizontal, rotation, scaling, translation
from ocr.probability_maps import Frame, ImageMap, MapView, fuse_maps, fuse_views

ORIGINAL = 2 * SIDE
"""Side of the image, px; the largest member has half as much."""
Levels = npt.NDArray[np.uint16]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = argument_parser(__doc__, rounds=11).parse_args(arguments)
    use_one_thread()
    folds = [_member(SIDE, index) for index in range(5)]
    members = [_member(side, index) for index, side in enumerate((SIDE, SIDE * 5 // 8, SIDE * 3 // 4))]
    rows: list[Row] = []
    for work, maps in ((f"5 folds of {SIDE} px", folds), (f"members of {SIDE}, 768 and 640 px", members)):
        rows += timing_rows(work, time_in_turn(_functions(maps), options.rounds))
    rows += timing_rows("test-time views", time_in_turn(_views(folds[0].probability), options.rounds))
    note = (
        f"one thread, an image of {ORIGINAL} x {ORIGINAL} px; plainly: every member to float32, resized by OpenCV to "
        "the original's size (or to the largest member's), weighted and added up"
    )
    publish("Fusion of probability maps", rows, options.json, note=note)


def _member(side: int, index: int) -> ImageMap:
    """A receipt's map in 16 bits, with a noise of its own."""
    scene = make_scenes("quads", 1)[0]
    noise = np.random.default_rng(index).normal(0.0, 0.02, (SIDE, SIDE)).astype(np.float32)
    levels = np.rint(65535 * (scene.probability + noise).clip(0.0, 1.0)).astype(np.uint16)
    resized = np.asarray(cv2.resize(levels, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint16)
    return ImageMap(ImageRecord("receipt.jpg", ORIGINAL, ORIGINAL, scaling(ORIGINAL / side)), resized)


def _functions(maps: Sequence[ImageMap]) -> dict[str, Callable[[], object]]:
    """Weighted means of the same maps, ours first."""
    weights = [1.0 / (1 + index) for index in range(len(maps))]
    levels = [one.probability.astype(np.uint16, copy=False) for one in maps]
    return {
        "ours": lambda: fuse_maps(maps, weights),
        "ours, logits": lambda: fuse_maps(maps, weights, space="logit"),
        "plainly, at the original's size": lambda: _plain_mean(levels, weights, ORIGINAL),
        "plainly, at the largest member's size": lambda: _plain_mean(levels, weights, SIDE),
        "plainly, logits, at the largest member's size": lambda: _plain_mean(levels, weights, SIDE, logits=True),
    }


def _plain_mean(
    maps: Sequence[Levels], weights: Sequence[float], side: int, *, logits: bool = False
) -> npt.NDArray[np.float32]:
    """Every member in float32 at one size; the published way of ensembles and test-time augmentation."""
    fused = np.zeros((side, side), np.float32)
    for levels, weight in zip(maps, weights, strict=True):
        values = cv2.resize(levels.astype(np.float32) / np.float32(65535), (side, side))
        if logits:
            clipped = np.clip(values, 1e-5, 1 - 1e-5)
            values = np.log(clipped / (1 - clipped))
        fused += np.float32(weight / sum(weights)) * values
    return np.asarray(1 / (1 + np.exp(-fused)), dtype=np.float32) if logits else fused


def _views(levels: npt.NDArray[np.generic]) -> dict[str, Callable[[], object]]:
    """Views of one kind each, with the plain one."""
    whole = levels.astype(np.uint16)
    plain = MapView(whole, scaling(2))
    mirrored = MapView(np.ascontiguousarray(whole[:, ::-1]), flip_horizontal(ORIGINAL) @ scaling(2))
    larger = MapView(np.asarray(cv2.resize(whole, (SIDE * 5 // 4, SIDE * 5 // 4)), dtype=np.uint16), scaling(1.6))
    rotated = MapView(whole, scaling(2) @ rotation(3, SIDE / 2, SIDE / 2))
    tile, window = SIDE // 2, np.outer(*2 * [np.hanning(SIDE // 2 + 2)[1:-1]]).astype(np.float32)
    tiles = [
        MapView(whole[top : top + tile, left : left + tile], scaling(2) @ translation(left, top), 1.0, window)
        for top in range(0, SIDE - tile + 1, tile // 2)
        for left in range(0, SIDE - tile + 1, tile // 2)
    ]
    kinds = {
        "ours, plain and mirrored": [plain, mirrored],
        "ours, plain and 1.25 times as large": [plain, larger],
        "ours, plain and rotated by 3 degrees": [plain, rotated],
        "ours, 9 tiles blended by a window": tiles,
    }
    frame = Frame(SIDE, SIDE)
    return {name: partial(fuse_views, views, ORIGINAL, ORIGINAL, frame=frame) for name, views in kinds.items()}


if __name__ == "__main__":
    main()
