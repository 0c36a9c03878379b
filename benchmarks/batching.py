"""Images of one size through the network at once, against one at a time; milliseconds for each image.

`Detector` runs the images of a list one at a time. That is right as long as this table shows no gain.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from baseline_code.images.reading import read_image
from benchmarks.report import Row, argument_parser, publish, time_in_turn, timing_rows
from ocr import Detector
from ocr.detection.engines.engine import Engine
from ocr.transforms.warping import warp_image

IMAGES = Path("data/sample/images/val")
ENGINES = ("onnxruntime", "openvino")  # torch has one number of threads for the process


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures the engines that are installed."""
    parser = argument_parser(__doc__, rounds=5)
    parser.add_argument("--images", type=int, default=4, help="at once (default: %(default)s)")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    for engine in filter(importlib.util.find_spec, ENGINES):
        for threads in (1, 2):
            detector = Detector.load(None, "cpu", threads, engine=engine)  # type: ignore[arg-type]
            batch = letterboxed(detector, options.images)
            functions: dict[str, Callable[[], object]] = {
                "one at a time": partial(one_at_a_time, detector.engine, batch),
                f"{len(batch)} at once": partial(detector.engine, batch),
            }
            timings = time_in_turn(functions, options.rounds)
            rows += timing_rows(f"{engine}, threads: {threads}", timings, divisor=len(batch))
    publish("The network on several images", rows, options.json)


def letterboxed(detector: Detector, count: int) -> npt.NDArray[np.uint8]:
    """A page of the sample as the network gets it, so many times: (N, H, W, 3)."""
    pixels = read_image(min(IMAGES.iterdir()))
    transform = detector.metadata.reading.letterbox(pixels.shape[1], pixels.shape[0])
    return np.repeat(warp_image(pixels, transform)[None], count, axis=0)


def one_at_a_time(engine: Engine, batch: npt.NDArray[np.uint8]) -> None:
    """Runs each image of a batch by itself."""
    for image in batch:
        engine(image[None])


if __name__ == "__main__":
    main()
