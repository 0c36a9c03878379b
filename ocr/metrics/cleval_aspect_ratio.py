"""CLEval step 1: the aspect ratio of a polygon, from the rectangles over its hull's edges.

`geometry.rectangles` finds the same rectangle by other steps: here the leaderboard prescribes Qhull, float32 vertices,
the ratio's epsilon and which of tied edges decides, and a ratio that is off by a rounding can cost a character.
"""

import math

import numpy as np

from ocr.geometry.compiled import exact
from ocr.geometry.measures import turn
from ocr.geometry.packed import FloatArray

EPSILON = float(np.finfo(np.float32).eps)
MAX_RATIO = 100.0
AREA_TIE = 1e-9
"""Rectangles whose areas differ by no more count as equal: then the hull's first edge decides."""
CLEAR_CORNER = 1e-9
"""A hull corner this far from its neighbours' chord, relative to the largest coordinate, is one for Qhull as well."""


def aspect_ratio_by_qhull(points: FloatArray) -> float:
    """Aspect ratio of one polygon's minimum-area rectangle, in [0, 100], word for word as the specification has it.

    Args:
        points: (K, 2) vertices, float32 values, px.

    Returns:
        Extent across over extent along the first hull edge of smallest area; 0 where no hull can be built.
    """
    from scipy.spatial import ConvexHull, QhullError  # here: few polygons need it, and it takes a quarter of a second

    try:
        hull = points[ConvexHull(points.astype(np.float32)).vertices].astype(np.float64)
    except QhullError:
        return 0.0
    areas, ratios = edge_rectangles(hull)
    return float(ratios[np.argmax(areas <= areas.min() + AREA_TIE)])


@exact
def edge_rectangles(hull: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Areas (px²) and aspect ratios, (H,) each, of the rectangles over the edges of a hull (H, 2), H >= 2.

    Edge i runs from corner i to the next.
    """
    areas, ratios = np.empty(len(hull)), np.empty(len(hull))
    for edge in range(len(hull)):
        x, y = hull[edge, 0] - hull[edge - 1, 0], hull[edge, 1] - hull[edge - 1, 1]
        length = math.hypot(x, y)
        x, y = x / length, y / length
        along_low = across_low = np.inf
        along_high = across_high = -np.inf
        for corner in range(len(hull)):
            along = x * hull[corner, 0] + y * hull[corner, 1]
            across = x * hull[corner, 1] - y * hull[corner, 0]
            along_low, along_high = min(along_low, along), max(along_high, along)
            across_low, across_high = min(across_low, across), max(across_high, across)
        width, height = along_high - along_low, across_high - across_low
        areas[edge - 1], ratios[edge - 1] = width * height, min(MAX_RATIO, height / (width + EPSILON))
    return areas, ratios


@exact
def is_clear(hull: FloatArray) -> bool:
    """Whether Qhull surely finds the same corners: none of them is nearly on the chord of its neighbours."""
    if len(hull) < 3:
        return False
    allowed = CLEAR_CORNER * np.abs(hull).max()
    for index in range(len(hull)):
        a_x, a_y, c_x, c_y = hull[index - 2, 0], hull[index - 2, 1], hull[index, 0], hull[index, 1]
        height = abs(turn(a_x, a_y, hull[index - 1, 0], hull[index - 1, 1], c_x, c_y))
        if height <= allowed * math.hypot(c_x - a_x, c_y - a_y):
            return False
    return True


@exact
def is_upright_rectangle(polygon: FloatArray) -> bool:
    """Whether a polygon (K, 2) goes once around an upright rectangle, from corner to corner."""
    if len(polygon) != 4:
        return False
    x, y = polygon[:, 0], polygon[:, 1]
    begins_upright = x[0] == x[1] and y[1] == y[2] and x[2] == x[3] and y[3] == y[0]
    begins_level = y[0] == y[1] and x[1] == x[2] and y[2] == y[3] and x[3] == x[0]
    return bool(begins_upright or begins_level)


@exact
def upright_ratio(polygon: FloatArray) -> float:
    """Aspect ratio of an upright rectangle (4, 2).

    Qhull's first edge is an upright one if the polygon begins with the left side, and else a level one: found by
    trying, and tested on thousands of rectangles.
    """
    width = abs(polygon[2, 0] - polygon[0, 0])
    height = abs(polygon[2, 1] - polygon[0, 1])
    if polygon[0, 0] == polygon[1, 0] and polygon[0, 0] < polygon[2, 0]:
        width, height = height, width
    return float(min(MAX_RATIO, height / (width + EPSILON)))
