"""The same regions, scores and polygons as the published algorithm, one region at a time, would give."""

import cv2
import numpy as np
import pytest

from benchmarks.scenes import make_scenes
from ocr.postprocess import DBPostProcess
from tests.oracles.polygons import iou
from tests.oracles.published_postprocess import OURS, PUBLISHED, published_postprocess

# No region of these has two least rectangles (6 x 8, and a tilted one of the same area, say): either would be right.
SCENES = {"quads": 0, "14-point polygons": 2}


def read(probability, **settings):
    height, width = probability.shape
    return DBPostProcess(**settings)(probability, np.eye(3), width, height)


def in_pairs(detections, expected):
    """Our score and polygon beside the expected ones; regions are known by their score and place."""
    assert len(detections.polygons) == len(expected)
    remaining = list(expected)
    for polygon, score in zip(detections.polygons, detections.scores, strict=True):
        middle = polygon.mean(axis=0)
        nearest = min(
            range(len(remaining)), key=lambda index: np.abs(remaining[index].polygon.mean(axis=0) - middle).sum()
        )
        yield polygon, score, remaining.pop(nearest)


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.uint16])
@pytest.mark.parametrize("mode", ["quad", "polygon"])
@pytest.mark.parametrize("kind", SCENES)
def test_regions_scores_and_polygons_are_the_oracles(kind, mode, dtype):
    index = SCENES[kind]
    probability = make_scenes(kind, index + 1)[index].probability
    if dtype is not np.float32:
        probability = np.rint(probability * np.iinfo(dtype).max).astype(dtype)
    expected = published_postprocess(probability, mode, OURS)
    assert len(expected) > 100
    for polygon, score, other in in_pairs(read(probability, mode=mode), expected):
        assert score == pytest.approx(other.score, abs=1e-3)
        assert iou(polygon, other.polygon) >= 0.99


def test_with_a_fixed_ratio_quads_are_the_published_ones_plus_the_half_pixel():
    probability = make_scenes("quads", 1)[0].probability
    expected = published_postprocess(probability, "quad", OURS._replace(exact_unclip=False))
    for polygon, _, other in in_pairs(read(probability, mode="quad", unclip="ratio"), expected):
        assert iou(polygon, other.polygon) >= 0.99


def test_the_published_polygons_are_shifted_and_too_small():
    probability = np.zeros((200, 300), np.float32)
    cv2.rectangle(probability, (100, 80), (179, 99), 0.8, cv2.FILLED)  # 80 x 20 pixels, their centres 79 x 19 apart
    (published,) = published_postprocess(probability, "quad", PUBLISHED)
    distance = 79 * 19 * 1.5 / (2 * (79 + 19))
    assert published.polygon.min(axis=0) == pytest.approx([100 - distance, 80 - distance], abs=0.01)
    assert published.polygon.max(axis=0) == pytest.approx([179 + distance, 99 + distance], abs=0.01)
    assert published.score == pytest.approx(0.8)
