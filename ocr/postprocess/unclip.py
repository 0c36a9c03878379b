"""From a region of pixels to the word's outline in the network's frame."""

import math
from typing import Literal

import cv2
import numpy as np

from ocr.geometry.offset import corner_gain, offset_polygon, positive_root, solve_unclip
from ocr.geometry.polygons import Polygon, polygon_area, polygon_perimeter
from ocr.postprocess.regions import Region

Unclip = Literal["exact", "ratio"]
RECTANGLE_GAIN = 4.0
"""`corner_gain` of a rectangle."""


def unclip_distance(area: float, perimeter: float, gain: float, unclip: Unclip, amount: float) -> float:
    """Outward distance, px, for a region of this area (px²), perimeter (px) and `corner_gain`.

    Args:
        area: Of the region.
        perimeter: Of the region.
        gain: See `corner_gain`; read by "exact" only.
        unclip: "exact" undoes the label's shrink, "ratio" moves by area * ratio / perimeter.
        amount: The shrink ratio for "exact", the unclip ratio for "ratio".
    """
    if unclip == "exact":
        return solve_unclip(area, perimeter, gain, amount)
    return area * amount / perimeter


def region_to_quad(region: Region, unclip: Unclip, amount: float) -> Polygon:
    """The region's minimum-area rectangle, moved out in closed form.

    The contour runs through pixel centres, so the rectangle is too small by up to half a pixel on each side: by all of
    it where the region is upright, by less where it is tilted. The rectangle grows until its area is the region's.

    Args:
        region: A region of the probability map.
        unclip: "exact" or "ratio".
        amount: The shrink ratio for "exact", the unclip ratio for "ratio".

    Returns:
        (4, 2) float32 corners in the network's frame, continuous px, clockwise.
    """
    (center_x, center_y), (width, height), degrees = cv2.minAreaRect(region.contour)
    gap = min(1.0, positive_root(1.0, width + height, width * height - region.pixels))
    width, height = width + gap, height + gap
    distance = unclip_distance(width * height, 2.0 * (width + height), RECTANGLE_GAIN, unclip, amount)
    radians = math.radians(degrees) if region.pixels > 1 else 0.0
    half_width, half_height = width / 2.0 + distance, height / 2.0 + distance
    along_x, along_y = math.cos(radians) * half_width, math.sin(radians) * half_width
    across_x, across_y = -math.sin(radians) * half_height, math.cos(radians) * half_height
    x, y = center_x + 0.5, center_y + 0.5
    return np.array(
        [
            (x - along_x - across_x, y - along_y - across_y),
            (x + along_x - across_x, y + along_y - across_y),
            (x + along_x + across_x, y + along_y + across_y),
            (x - along_x + across_x, y - along_y + across_y),
        ],
        dtype=np.float32,
    )


def region_to_polygon(
    region: Region, unclip: Unclip, amount: float, epsilon: float, rectangle_fill: float
) -> Polygon | None:
    """The region's contour, simplified and moved out with mitred corners; the largest piece where it splits.

    Half a pixel is added back as in `region_to_quad`. That function also takes the regions which are rectangles, or too
    thin to have an outline: of a region three pixels high a simplified contour has lost the corners, a rectangle not.

    Args:
        region: A region of the probability map.
        unclip: "exact" or "ratio".
        amount: The shrink ratio for "exact", the unclip ratio for "ratio".
        epsilon: Largest distance, px, between the contour and its simplification.
        rectangle_fill: A region that fills this share of its minimum-area rectangle is one; infinity: none is.

    Returns:
        (K, 2) float32 in the network's frame, continuous px, clockwise; None where nothing is left.
    """
    width, height = cv2.minAreaRect(region.contour)[1]
    outline = cv2.approxPolyDP(region.contour, epsilon, True).reshape(-1, 2)
    area = polygon_area(outline)
    if area == 0.0 or region.pixels >= rectangle_fill * (width + 0.5) * (height + 0.5):
        return region_to_quad(region, unclip, amount)
    perimeter, gain = polygon_perimeter(outline), corner_gain(outline)
    gap = min(0.5, positive_root(gain, perimeter, area - region.pixels))
    grown = area + perimeter * gap + gain * gap * gap
    distance = unclip_distance(grown, perimeter + 2.0 * gain * gap, gain, unclip, amount)
    pieces = offset_polygon(outline + 0.5, gap + distance, join="mitre")
    return pieces[0] if pieces else None
