"""A calibration grid of 200 settings on 76 cached probability maps, on two threads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np

from benchmarks.report import Row, argument_parser, publish
from benchmarks.scenes import SIDE, make_scenes
from ocr.annotations.records import ImageRecord
from ocr.calibration import score_grid
from ocr.probability_maps import ImageMap

RECEIPTS = 19
GRIDS = {
    "10 thresh x 20 box_thresh": [
        {"thresh": thresh, "box_thresh": box_thresh}
        for thresh, box_thresh in product(np.linspace(0.1, 0.55, 10).tolist(), np.linspace(0.3, 0.775, 20).tolist())
    ],
    "20 thresh x 10 unclip_ratio": [
        {"thresh": thresh, "unclip": "ratio", "unclip_ratio": ratio}
        for thresh, ratio in product(np.linspace(0.1, 0.575, 20).tolist(), np.linspace(1.2, 2.1, 10).tolist())
    ],
}
"""Settings that share passes of post-processing, and settings that share none."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Time each grid as a whole."""
    parser = argument_parser(__doc__, rounds=1)
    parser.add_argument("--images", type=int, default=76, help="probability maps (default: %(default)s)")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    maps = _cached_maps(options.images)
    score_grid(maps[:1], [{}])  # compiles
    rows: list[Row] = []
    for name, grid in GRIDS.items():
        seconds = []
        for _ in range(options.rounds):
            start = time.perf_counter()
            score_grid(maps, grid, threads=2)
            seconds.append(time.perf_counter() - start)
        median = float(np.median(seconds))
        cells = len(grid) * len(maps)
        rows.append(
            {"grid": name, "maps": len(maps), "seconds": median, "ms per setting and map": 1e3 * median / cells}
        )
    publish("Calibration grid, two threads", rows, options.json)


def _cached_maps(count: int) -> list[ImageMap]:
    """Maps of up to `RECEIPTS` receipts with 8 bit, each with a noise of its own, so that no two are alike."""
    scenes = make_scenes("quads", min(count, RECEIPTS))
    maps = []
    for index in range(count):
        scene = scenes[index % len(scenes)]
        noise = np.random.default_rng(index).normal(0.0, 0.1, (SIDE // 8, SIDE // 8)).astype(np.float32)
        weaker = scene.probability * (0.8 + cv2.resize(noise, (SIDE, SIDE)))
        record = ImageRecord(f"{index}.jpg", SIDE, SIDE, np.eye(3), tuple(scene.polygons), tuple(scene.ignore))
        maps.append(ImageMap(record, np.rint(255 * weaker.clip(0.0, 1.0)).astype(np.uint8)))
    return maps


if __name__ == "__main__":
    main()
