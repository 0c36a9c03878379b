"""Labels to training maps and back: what a perfect network would score."""

import numpy as np
import pytest

from ocr.geometry import rotation, scaling, transform_polygon
from ocr.label_maps.painting import build_targets
from ocr.metrics.cleval import cleval
from ocr.postprocess import DBPostProcess
from tests.oracles.polygons import bent_line, box, mean_best_iou, tilted_box

SIZE = 1024
WIDTH, HEIGHT = 900, 1280  # of the made-up original: 0.8 of it is the network's input


def page(kind):
    """Eighty words of a receipt in its original frame: upright, tilted (up to 8 degrees) or bent lines."""
    rng = np.random.default_rng(7)
    words = []
    for row in range(20):
        for column in range(4):
            height = rng.uniform(14, 26)
            width = min(height * rng.uniform(3, 9), 190)
            x, y = 115 + 220 * column + rng.uniform(-5, 5), 40 + 62 * row + rng.uniform(-4, 4)
            if kind == "upright":
                words.append(box(x - width / 2, y - height / 2, x + width / 2, y + height / 2))
            elif kind == "tilted":
                words.append(tilted_box(x, y, width, height, rng.uniform(-8, 8)))
            else:
                words.append(bent_line(x, y, width, height, width * rng.uniform(0.05, 0.12)))
    return words


def read_back(words, input_to_original, **settings):
    """The words' probability map, read by the post-processing as if a network had predicted it."""
    original_to_input = np.linalg.inv(input_to_original)
    labels = [transform_polygon(word, original_to_input) for word in words]
    maps = build_targets(labels, [False] * len(words), SIZE, SIZE)
    return DBPostProcess(**settings)(maps.probability[0], input_to_original, WIDTH, HEIGHT)


@pytest.mark.parametrize("unclip", ["exact", "ratio"])
@pytest.mark.parametrize("mode", ["quad", "polygon"])
@pytest.mark.parametrize("kind", ["upright", "tilted"])
def test_every_word_comes_back_for_cleval(kind, mode, unclip):
    words = page(kind)
    detections = read_back(words, scaling(1.25), mode=mode, unclip=unclip)
    assert len(detections.polygons) == len(words)
    assert cleval(words, [False] * len(words), detections.polygons).hmean >= 0.995


# What the pixel grid leaves of an upright line, 12 to 20 px high at the network's size: its height is known to 1/3 px
# on average, where it is 3 or 4 px high, and the unclipped one to four times as much. Tilted lines cross many rows.
@pytest.mark.parametrize(("kind", "least"), [("upright", 0.92), ("tilted", 0.96)])
@pytest.mark.parametrize("mode", ["quad", "polygon"])
def test_exact_unclipping_recovers_the_labels(kind, least, mode):
    words = page(kind)
    assert mean_best_iou(words, read_back(words, scaling(1.25), mode=mode).polygons) >= least


def test_polygons_recover_bent_lines():
    words = page("bent")
    assert mean_best_iou(words, read_back(words, scaling(1.25), mode="polygon").polygons) >= 0.90


def test_a_fixed_ratio_does_not_recover_the_labels():
    words = page("upright")
    assert mean_best_iou(words, read_back(words, scaling(1.25), unclip="ratio").polygons) < 0.85


@pytest.mark.parametrize("mode", ["quad", "polygon"])
def test_words_come_back_through_a_rotated_frame(mode):
    words = page("upright")
    matrix = scaling(1.25) @ rotation(4, SIZE / 2, SIZE / 2)
    words = [word for word in words if inside(transform_polygon(word, np.linalg.inv(matrix)))]
    assert len(words) > 60
    assert mean_best_iou(words, read_back(words, matrix, mode=mode).polygons) >= 0.96


def inside(polygon):
    return polygon.min() >= 0 and polygon.max() <= SIZE
