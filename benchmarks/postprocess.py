"""Times the way from a probability map to polygons: rotated quads and polygons of 1024 x 1024 receipts."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.peers import import_peer
from benchmarks.report import Row, argument_parser, publish, time_in_turn, timing_rows, use_one_thread
from benchmarks.scenes import SIDE, make_scenes
from ocr.postprocess import DBPostProcess
from ocr.postprocess.db_postprocess import Mode
from tests.oracles.published_postprocess import published_postprocess

BATCH = 8
THRESH, BOX_THRESH = 0.3, 0.4
WORK: dict[str, tuple[Mode, str]] = {
    "rotated quads": ("quad", "quads"),
    "polygons": ("polygon", "14-point polygons"),
}
"""What is timed: a mode, and the scenes that it reads."""
Map = npt.NDArray[np.float32]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = argument_parser(__doc__).parse_args(arguments)
    use_one_thread()
    rows: list[Row] = []
    for work, (mode, kind) in WORK.items():
        scene = make_scenes(kind, 1)[0]
        functions = _functions(mode, scene.probability)
        found = {name: len(function()) for name, function in functions.items()}
        timed = timing_rows(work, time_in_turn(functions, options.rounds))
        rows += [{**row, "regions": f"{found[str(row['by'])]} of {len(scene.polygons)}"} for row in timed]
        batch = 2 * [scene.probability for scene in make_scenes(kind, BATCH // 2)]
        rows += _batch_rows(work, mode, batch, options.rounds)
    note = "ms per image, one thread unless the row says otherwise; upright boxes do less, they are no equal peer"
    publish("Probability map to polygons", rows, options.json, note=note)


def _functions(mode: Mode, probability: Map) -> dict[str, Callable[[], Sized]]:
    """What reads one map, ours first."""
    process = DBPostProcess(mode=mode, thresh=THRESH, box_thresh=BOX_THRESH)
    to_itself = np.eye(3)
    in_bytes = np.rint(probability * 255.0).astype(np.uint8)
    in_words = np.rint(probability * 65535.0).astype(np.uint16)
    functions: dict[str, Callable[[], Sized]] = {
        "ours, float32": lambda: process(probability, to_itself, SIDE, SIDE).polygons,
        "ours, uint8": lambda: process(in_bytes, to_itself, SIDE, SIDE).polygons,
        "ours, uint16": lambda: process(in_words, to_itself, SIDE, SIDE).polygons,
        "published algorithm": partial(published_postprocess, probability, mode, thresh=THRESH, box_thresh=BOX_THRESH),
    }
    doctr = import_peer("doctr.models.detection.differentiable_binarization.base")
    if doctr is not None and mode == "quad":
        for name, upright in (("doctr, rotated", False), ("doctr, upright boxes", True)):
            peer = doctr.DBPostProcessor(box_thresh=BOX_THRESH, bin_thresh=THRESH, assume_straight_pages=upright)
            functions[name] = partial(_read_by_doctr, peer, probability)
    return functions


def _read_by_doctr(peer: Any, probability: Map) -> Sized:  # noqa: ANN401 (doctr ships no types)
    boxes: Sized = peer.bitmap_to_boxes(probability, probability >= THRESH)
    return boxes


def _batch_rows(work: str, mode: Mode, probabilities: Sequence[Map], rounds: int) -> list[Row]:
    """A batch of maps, one after the other and by two threads."""
    process = DBPostProcess(mode=mode, thresh=THRESH, box_thresh=BOX_THRESH)
    to_itself = np.eye(3)

    def read(probability: Map) -> object:
        return process(probability, to_itself, SIDE, SIDE)

    with ThreadPoolExecutor(2) as threads:
        timings = time_in_turn(
            {
                f"ours, batch of {BATCH}": lambda: [read(probability) for probability in probabilities],
                f"ours, batch of {BATCH}, two threads": lambda: list(threads.map(read, probabilities)),
            },
            rounds,
        )
    return timing_rows(work, timings, divisor=len(probabilities))


if __name__ == "__main__":
    main()
