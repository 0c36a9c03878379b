"""CLEval of one image: ours beside the published algorithm, one pair after the other; and a whole test set at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.report import Row, argument_parser, publish, time_in_turn, timing_rows, use_one_thread
from benchmarks.scenes import KINDS, Scene, make_scenes
from ocr.geometry.polygons import Polygon
from ocr.metrics import CLEvalScore, cleval
from tests.oracles.published_cleval import published_cleval

FALSE_POSITIVES = 10
RECEIPT = (53, 52)
"""Words and detections of a receipt of usual length."""
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
