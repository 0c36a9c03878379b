"""ICDAR 2015's matching at an IoU, in the organisers' nested loops over all pairs of polygons, with shapely."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely


class Matches(NamedTuple):
    matched: int
    ground_truths: int
    detections: int
    mean_iou: float


def published_iou(
    ground_truth: Sequence[npt.ArrayLike],
    ignore: Sequence[bool],
    detections: Sequence[npt.ArrayLike],
    threshold: float = 0.5,
) -> Matches:
    """Counts and mean IoU of the matches of one image; polygons are (K, 2), K >= 4."""
    words = [region(polygon) for polygon in ground_truth]
    found = [region(polygon) for polygon in detections]
    rejected = [False] * len(found)
    for d, spot in enumerate(found):
        for g, word in enumerate(words):
            if ignore[g] and spot.area > 0 and word.intersection(spot).area / spot.area > 0.5:
                rejected[d] = True
    ious = np.zeros((len(words), len(found)))
    for g, word in enumerate(words):
        for d, spot in enumerate(found):
            shared = word.intersection(spot).area
            union = word.area + spot.area - shared
            ious[g, d] = shared / union if union > 0 else 0.0
    taken: set[int] = set()
    matches: list[float] = []
    for g in range(len(words)):
        for d in range(len(found)):
            usable = not ignore[g] and not rejected[d]
            if usable and d not in taken and ious[g, d] > threshold:
                taken.add(d)
                matches.append(ious[g, d])
                break
    mean_iou = float(np.mean(matches)) if matches else 0.0
    return Matches(len(matches), len(words) - sum(ignore), len(found) - sum(rejected), mean_iou)


def region(polygon: npt.ArrayLike) -> shapely.Geometry:
    """A valid even-odd shape of a polygon."""
    shape = shapely.Polygon(polygon)
    return shape if shape.is_valid else shapely.make_valid(shape).buffer(0)
