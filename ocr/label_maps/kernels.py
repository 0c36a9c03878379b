"""Polygons painted into the training maps of one image, in compiled loops."""

import numpy as np
import numpy.typing as npt

from ocr.geometry.compiled import compiled
from ocr.geometry.distance_field import TIE, Row, Vertices, mark_inside, pixel_bounds, squared_distances

Map = npt.NDArray[np.uint8]


@compiled
def paint_polygons(
    vertices: Vertices,
    starts: npt.NDArray[np.int64],
    distances: npt.NDArray[np.float64],
    probability: Map,
    probability_mask: Map,
    threshold: Map,
    threshold_mask: Map,
) -> None:
    """Paints polygons into the (H, W) maps, keeping the larger value where several overlap.

    Args:
        vertices: (V, 2), px, one polygon after the other; parts outside the maps are left out.
        starts: (P + 1,); polygon i is vertices[starts[i] : starts[i + 1]], with one vertex at least.
        distances: (P,) shrink distances, px; 0 for a polygon that is masked out.
        probability: Becomes 255 in the shrunk polygons.
        probability_mask: Becomes 0 in the polygons that are masked out, and 1 again in the others.
        threshold: Becomes the threshold label in the dilated polygons: 255 on a polygon, 0 at the shrink distance.
        threshold_mask: Becomes 1 in the dilated polygons.
    """
    for i in range(len(distances)):
        if distances[i] == 0.0:
            erase_inside(vertices[starts[i] : starts[i + 1]], probability_mask)
    for i in range(len(distances)):
        if distances[i] > 0.0:
            polygon = vertices[starts[i] : starts[i + 1]]
            _paint(polygon, distances[i], probability, probability_mask, threshold, threshold_mask)


@compiled
def erase_inside(vertices: Vertices, mask: Map) -> None:
    """Set an (H, W) mask to 0 on the pixel centres inside a polygon, (K, 2) px, by the even-odd rule."""
    left, right, top, bottom = _bounds_in(mask, vertices, 0.0)
    inside = np.empty(right - left + 1, np.uint8)
    for row in range(top, bottom):
        mark_inside(vertices, row + 0.5, left, inside)
        for i in range(right - left):
            mask[row, left + i] &= 1 - inside[i]


@compiled
def _bounds_in(image: Map, vertices: Vertices, reach: float) -> tuple[int, int, int, int]:
    """`pixel_bounds` within an image: left <= right and top <= bottom, equal where nothing is inside."""
    height, width = image.shape
    left, right, top, bottom = pixel_bounds(vertices, reach)
    left, top = min(max(0, left), width), min(max(0, top), height)
    return left, max(left, min(width, right)), top, max(top, min(height, bottom))


@compiled
def _paint(
    vertices: Vertices,
    distance: float,
    probability: Map,
    probability_mask: Map,
    threshold: Map,
    threshold_mask: Map,
) -> None:
    """Paint one polygon that trains; arguments as in `paint_polygons`."""
    reach = distance + 2.0 * TIE
    left, right, top, bottom = _bounds_in(probability, vertices, reach)
    squared, inside = np.empty(right - left, np.float32), np.empty(right - left + 1, np.uint8)
    inner, outer = np.float32(max(0.0, distance - TIE) ** 2), np.float32((distance + TIE) ** 2)
    slope = np.float32(255.0 / distance)
    for row in range(top, bottom):
        start, stop = squared_distances(vertices, reach, row + 0.5, left, squared)
        mark_inside(vertices, row + 0.5, left + start, inside[start : stop + 1])
        _paint_labels(squared[start:stop], slope, threshold[row, left + start : left + stop])
        _paint_regions(
            squared[start:stop],
            inside[start:stop],
            inner,
            outer,
            probability[row, left + start : left + stop],
            probability_mask[row, left + start : left + stop],
            threshold_mask[row, left + start : left + stop],
        )


@compiled
def _paint_labels(squared: npt.NDArray[np.float32], slope: np.float32, threshold: Row) -> None:
    """The threshold label of one row, (C,) each: 255 on the polygon, `slope` less per px, then 0."""
    zero, most = np.float32(0.0), np.float32(255.5)  # half a level more: the conversion cuts off
    for i in range(len(squared)):
        threshold[i] = max(threshold[i], np.uint8(max(most - slope * np.sqrt(squared[i]), zero)))


@compiled
def _paint_regions(
    squared: npt.NDArray[np.float32],
    inside: Row,
    inner: np.float32,
    outer: np.float32,
    probability: Row,
    probability_mask: Row,
    threshold_mask: Row,
) -> None:
    """The shrunk, the plain and the dilated polygon of one row, (C,) each."""
    for i in range(len(squared)):
        probability[i] |= np.uint8(255 * (inside[i] & np.uint8(squared[i] >= inner)))
        probability_mask[i] |= inside[i]
        threshold_mask[i] |= inside[i] | np.uint8(squared[i] <= outer)
