"""The fixed unclip ratio for programs that know no exact unclip."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ocr.geometry.offset import unclip_distance_exact
from ocr.geometry.rectangles import minimum_area_rectangles
from ocr.postprocess import DBPostProcess
from ocr.postprocess.regions import ProbabilityMap, find_regions


def fit_unclip_ratio(maps: Iterable[ProbabilityMap], postprocess: DBPostProcess) -> float:
    """The ratio that gives most words the rectangle that the exact unclip gives them.

    Other programs measure a region through the centres of its pixels, so that it is a pixel too small, and move it out
    by area * ratio / perimeter. Solved for the ratio, word by word; the median counts.

    Args:
        maps: probability maps, (H, W) each.
        postprocess: with the shrink ratio and the thresholds of the detector.

    Returns:
        The ratio; that of the settings where they do not use the exact unclip, or no word is found.
    """
    if postprocess.unclip != "exact":
        return postprocess.unclip_ratio
    ratios = [np.empty(0)]
    for probability in maps:
        regions = find_regions(probability, postprocess.thresh, postprocess.box_thresh, postprocess.max_candidates)
        sizes = minimum_area_rectangles(regions.contours).size
        sizes = sizes[sizes.min(axis=1) >= 1]
        area, perimeter = (sizes + 1).prod(axis=1), 2 * (sizes + 1).sum(axis=1)
        distance = unclip_distance_exact(area, perimeter, np.full(len(area), 4.0), postprocess.shrink_ratio)
        ratios.append((distance + 0.5) * 2 * sizes.sum(axis=1) / sizes.prod(axis=1))
    found = np.concatenate(ratios)
    return round(float(np.median(found)), 2) if found.size else postprocess.unclip_ratio
