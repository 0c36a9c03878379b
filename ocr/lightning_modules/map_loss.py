"""How far a predicted probability map is from the one that the labels make."""

from __future__ import annotations

import numpy as np

from ocr.label_maps.painting import build_targets
from ocr.postprocess.regions import full_scale
from ocr.probability_maps import ImageMap
from ocr.transforms.geometric import Transform
from ocr.transforms.warping import warp_polygons


def map_loss(image_map: ImageMap, shrink_ratio: float) -> float:
    """Dice loss of an image's probability map where it counts: 1 - 2 |P n G| / (|P| + |G|).

    Args:
        image_map: predicted, with the labels of its image.
        shrink_ratio: of the training maps.

    Returns:
        In [0, 1]; 0 where neither shows any text.
    """
    record, probability = image_map
    height, width = probability.shape
    transform = Transform(np.linalg.inv(record.input_to_original).astype(np.float64), width, height)
    labels = warp_polygons(record.polygons, record.ignore, transform)
    maps = build_targets(labels.polygons, labels.ignore, height, width, shrink_ratio=shrink_ratio)
    counts = maps.probability_mask[0] > 0
    label = (maps.probability[0] > 0) & counts
    total = float(probability[counts].sum(dtype=np.float64)) + float(label.sum()) * full_scale(probability)
    return 1.0 - 2.0 * float(probability[label].sum(dtype=np.float64)) / total if total else 0.0
