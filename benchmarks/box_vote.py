"""A vote on the polygons of five members: ours, and a double loop over shapely polygons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import shapely

from benchmarks.report import Row, argument_parser, publish, time_in_turn, timing_rows, use_one_thread
from benchmarks.scenes import make_detections, make_scenes, scene_of_a_receipt
from ocr.ensemble import vote_polygons
from ocr.geometry.polygons import Polygon
from ocr.submission import PredictedImage

MEMBERS = 5
IOU_THRESHOLD = 0.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Time one receipt, then a longer one."""
    options = argument_parser(__doc__, rounds=5).parse_args(arguments)
    use_one_thread()
    rows: list[Row] = []
    for words in (scene_of_a_receipt()[0], make_scenes("quads", 1)[0].polygons):
        members = [_member(words, seed) for seed in range(MEMBERS)]
        functions: dict[str, Callable[[], object]] = {
            "ours": partial(vote_polygons, members, iou_threshold=IOU_THRESHOLD),
            "shapely": partial(_double_loop, members),
        }
        work = f"{MEMBERS} members, {len(words)} words"
        rows += timing_rows(work, time_in_turn(functions, options.rounds))
    publish("Vote of one image", rows, options.json)


def _member(words: list[Polygon], seed: int) -> PredictedImage:
    found = make_detections(words, seed=seed)
    scores = np.random.default_rng(seed).uniform(0.4, 1.0, len(found)).astype(np.float32)
    return PredictedImage(found, np.sort(scores)[::-1])


def _double_loop(members: Sequence[PredictedImage]) -> list[Polygon]:
    """The same vote as it is usually written."""
    ranked = sorted(
        (
            (-float(score), number, shapely.make_valid(shapely.Polygon(polygon)), polygon)
            for number, member in enumerate(members)
            for polygon, score in zip(member.polygons, member.scores if member.scores is not None else (), strict=True)
        ),
        key=lambda entry: entry[:2],
    )
    kept: list[Polygon] = []
    free = [True] * len(ranked)
    for first, (_, owner, region, polygon) in enumerate(ranked):
        if not free[first]:
            continue
        best: dict[int, tuple[float, int]] = {owner: (1.0, first)}
        for other in range(first + 1, len(ranked)):
            number, candidate = ranked[other][1:3]
            if free[other] and number != owner and region.intersects(candidate):
                shared = region.intersection(candidate).area
                iou = shared / (region.area + candidate.area - shared)
                if iou >= IOU_THRESHOLD and iou > best.get(number, (0.0, -1))[0]:
                    best[number] = (iou, other)
        for _, index in best.values():
            free[index] = False
        if len(best) > len(members) / 2:
            kept.append(polygon)
    return kept


if __name__ == "__main__":
    main()
