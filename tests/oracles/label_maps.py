"""Training maps by the paper's formulas, one pixel and one polygon at a time."""

import numpy as np
import shapely

SHRINK_RATIO = 0.4


def slow_maps(polygons, height, width):
    """Probability (0 / 1), threshold (float, 0.3 to 0.7) and threshold mask (0 / 1) of simple polygons, (H, W) each."""
    probability = np.zeros((height, width))
    threshold = np.full((height, width), 0.3)
    mask = np.zeros((height, width))
    for points in polygons:
        polygon = shapely.Polygon(points)
        distance = polygon.area * (1 - SHRINK_RATIO**2) / polygon.length
        for row in range(height):
            for column in range(width):
                centre = shapely.Point(column + 0.5, row + 0.5)
                gap = polygon.exterior.distance(centre)
                if polygon.contains(centre):
                    probability[row, column] = max(probability[row, column], float(gap >= distance))
                if polygon.contains(centre) or gap <= distance:
                    mask[row, column] = 1
                    label = 0.3 + 0.4 * max(0.0, 1 - gap / distance)
                    threshold[row, column] = max(threshold[row, column], label)
    return probability, threshold, mask
