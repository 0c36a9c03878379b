"""IoU-0.5 matching of one image: ours, the organisers' nested loops, and doctr's matching where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.peers import import_peer
from benchmarks.report import Row, argument_parser, publish, time_in_turn, timing_rows, use_one_thread
from benchmarks.scenes import make_detections, make_scenes, scene_of_a_receipt
from ocr.geometry.polygons import Polygon
from ocr.metrics import match_iou
from tests.oracles.published_iou import published_iou


def main(arguments: Sequence[str] | None = None) -> None:
    """Time one receipt, then a longer one."""
    options = argument_parser(__doc__).parse_args(arguments)
    use_one_thread()
    rows: list[Row] = []
    words = make_scenes("quads", 1)[0].polygons
    for labels, found in (scene_of_a_receipt(), (words, make_detections(words, seed=0))):
        work = f"{len(labels)} x {len(found)} quads"
        rows += timing_rows(work, time_in_turn(_functions(labels, found), options.rounds))
    publish("Matching at IoU 0.5", rows, options.json)


def _functions(words: list[Polygon], found: list[Polygon]) -> dict[str, Callable[[], object]]:
    ignore = [False] * len(words)
    functions: dict[str, Callable[[], object]] = {
        "ours": lambda: match_iou(words, ignore, found),
        "published": lambda: published_iou(words, ignore, found),
    }
    doctr = import_peer("doctr.utils.metrics")
    if doctr is not None:
        labels, detections = np.stack(words), np.stack(found)
        metric = doctr.LocalizationConfusion(iou_thresh=0.5, use_polygons=True)
        functions["doctr"] = lambda: metric.update(labels, detections)
    return functions


if __name__ == "__main__":
    main()
