"""Both metrics against the published algorithms, one pair after the other, on random pages."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from ocr.metrics import cleval, match_iou
from tests.oracles.polygons import bent_line, box, tilted_box
from tests.oracles.published_cleval import published_cleval
from tests.oracles.published_iou import published_iou

GOLDEN = json.loads((Path(__file__).parent / "cleval_golden.json").read_text())["cases"]


def random_page(seed):
    """Words in rows, some ignored, and detections: shifted, split, merged, missed, doubled, false; whole px or not."""
    rng = np.random.default_rng(seed)
    make = (
        lambda x, y, width, height: box(x, y, x + width, y + height),
        lambda x, y, width, height: tilted_box(x + width / 2, y + height / 2, width, height, rng.uniform(-20, 20)),
        lambda x, y, width, height: bent_line(x + width / 2, y + height / 2, width, height, rng.uniform(-8, 8)),
    )[seed % 3]
    places = [(x, y) for y in range(20, 220, 40) for x in range(20, 420, 100)]
    sizes = rng.integers(12, 90, len(places)), rng.integers(8, 30, len(places))
    words = [make(*place, width, height) for place, width, height in zip(places, *sizes, strict=True)]
    words.append(box(0, 100, 230, 190))  # a block that holds some of the others
    ignore = (rng.random(len(words)) < 0.15).tolist()
    ignore[-1] = True
    found = []
    for word in words[:-1]:
        left, top, right, bottom = [*word.min(axis=0), *word.max(axis=0)]
        fate = rng.choice(["found", "found", "found", "split", "merged", "missed", "doubled", "crossed"])
        if fate == "split":
            found += [box(left, top, (left + right) / 2, bottom), box((left + right) / 2, top, right, bottom)]
        elif fate == "merged":
            found.append(box(left, top, right + 70, bottom))
        elif fate == "crossed":
            found.append(np.concatenate([word[1:2] + 3, word[:1], word[2:]]))  # not quite half of it
        elif fate != "missed":
            found += [word + rng.normal(0, 3, word.shape).astype(np.float32)] * (1 + (fate == "doubled"))
    found += [box(x, y, x + rng.integers(3, 60), y + rng.integers(3, 60)) for x, y in rng.integers(0, 460, (6, 2))]
    return words, ignore, [np.rint(polygon) if seed % 2 else polygon for polygon in found]


@pytest.mark.parametrize("seed", range(18))
def test_both_metrics_are_the_published_ones_number_for_number(seed):
    page = random_page(seed)
    assert dataclasses.asdict(cleval(*page)) == published_cleval(*page)
    ours, published = match_iou(*page), published_iou(*page)
    assert (ours.matched, ours.ground_truths, ours.detections) == published[:3]
    assert ours.mean_iou == pytest.approx(published.mean_iou, rel=1e-9)


@pytest.mark.parametrize("case", GOLDEN[::3], ids=[case["name"] for case in GOLDEN[::3]])
def test_the_published_cleval_is_the_leaderboards(case):
    """So that the speed of ours is compared with one that does the same work."""
    polygons = [
        [np.array(flat[: len(flat) // 2 * 2], np.float32).reshape(-1, 2) for flat in case[side] if len(flat) % 2 == 0]
        for side in ("ground_truth", "detections")
    ]
    if len(polygons[0]) == len(case["ignore"]):
        assert published_cleval(polygons[0], case["ignore"], polygons[1]) == pytest.approx(case["expected"], abs=1e-6)
