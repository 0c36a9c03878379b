"""CLEval of one image: ours beside the published algorithm, one pair after the other; and a whole test set at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.report import Row, argument_parser, publish, time_in_turn, timing_rows, use_one_thread
from benchmarks.scenes import KINDS, Scene, make_detections, make_scenes, scene_of_a_receipt
from ocr.geometry.polygons import Polygon
from ocr.metrics import CLEvalScore, cleval
from tests.oracles.published_cleval import published_cleval

TEST_SET = 404
SCENES = 4
THREADS = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Time one image of each kind, then a test set on two cores."""
    options = argument_parser(__doc__).parse_args(arguments)
    use_one_thread()
    rows: list[Row] = []
    for kind in KINDS:
        scene = make_scenes(kind, 1)[0]
        found = make_detections(scene.polygons, seed=0)
        rows += _time_image(kind, scene.polygons, found, options.rounds)
    words, found = scene_of_a_receipt()
    rows += _time_image("quads", words, found, options.rounds)
    rows += _time_test_set(options.rounds)
    publish("CLEval", rows, options.json, note=f"ms per image; the last row on {THREADS} of {os.cpu_count()} cores")


def _time_image(kind: str, words: list[Polygon], found: list[Polygon], rounds: int) -> list[Row]:
    ignore = [False] * len(words)
    functions = {
        "ours": lambda: cleval(words, ignore, found),
        "published": lambda: published_cleval(words, ignore, found),
    }
    return timing_rows(f"{len(words)} x {len(found)} {kind}", time_in_turn(functions, rounds))


def _time_test_set(rounds: int) -> list[Row]:
    """Threads, since the loops let each other run: processes would have to send the polygons."""
    scenes = make_scenes("quads", SCENES)
    images = [(scenes[i % SCENES], make_detections(scenes[i % SCENES].polygons, seed=i)) for i in range(TEST_SET)]

    def score(image: tuple[Scene, list[Polygon]]) -> CLEvalScore:
        return cleval(image[0].polygons, image[0].ignore, image[1])

    with ThreadPoolExecutor(THREADS) as threads:
        functions = {"ours, two threads": lambda: list(threads.map(score, images))}
        timings = time_in_turn(functions, rounds)
    (row,) = timing_rows(f"{TEST_SET} images of {len(scenes[0].polygons)} quads", timings, divisor=TEST_SET)
    return [{**row, "total s": timings["ours, two threads"].median / 1e3}]


if __name__ == "__main__":
    main()
