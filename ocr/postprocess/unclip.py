"""From regions of pixels to the words' polygons in the network's frame."""

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry.mitre import Measures, measure_polygons, move_edges_out
from ocr.geometry.offset import offset_polygon, positive_root, unclip_distance_exact, unclip_distance_ratio
from ocr.geometry.packed import PackedPolygons, pack_polygons, pick_polygons, unpack_polygons
from ocr.geometry.rectangles import Rectangles, minimum_area_rectangles
from ocr.postprocess.regions import Regions

Unclip = Literal["exact", "ratio"]
Polygon = npt.NDArray[np.float64]
"""(K, 2) vertices in the network's frame, continuous px, either winding."""
RECTANGLE_GAIN = np.array(4.0)
"""`Measures.gain` of a rectangle."""


def unclip_distance(sizes: Measures, unclip: Unclip, ratio: float) -> npt.NDArray[np.float64]:
    """Outward distances, (M,) px, for regions of these sizes.

    Args:
        sizes: of the regions.
        unclip: "exact" undoes the label's shrink, "ratio" moves by area * ratio / perimeter.
        ratio: The shrink ratio for "exact", the unclip ratio for "ratio".
    """
    if unclip == "exact":
        return unclip_distance_exact(sizes.area, sizes.perimeter, sizes.gain, ratio)
    return unclip_distance_ratio(sizes.area, sizes.perimeter, ratio)


def regions_to_quads(regions: Regions, unclip: Unclip, ratio: float) -> list[Polygon]:
    """The regions' minimum-area rectangles, moved out in closed form.

    A contour runs through pixel centres, so its rectangle is too small by up to half a pixel on each side: by all of
    it where the region is upright, by less where it is tilted. The rectangle grows until its area is the region's.

    Args:
        regions: M regions of the probability map.
        unclip: "exact" or "ratio".
        ratio: The shrink ratio for "exact", the unclip ratio for "ratio".

    Returns:
        M polygons of four corners.
    """
    return list(_quads(minimum_area_rectangles(regions.contours), regions.pixels, unclip, ratio))


def regions_to_polygons(
    regions: Regions, unclip: Unclip, ratio: float, epsilon: float, rectangle_fill: float
) -> list[Polygon]:
    """The regions' contours, simplified and moved out with mitred corners; of several pieces the largest.

    Half a pixel is added back as in `regions_to_quads`. Its quads also stand for the regions which are rectangles, or
    too thin to have a polygon: of a region three pixels high a simplified contour has lost the corners, a rectangle
    not.

    Args:
        regions: M regions of the probability map.
        unclip: "exact" or "ratio".
        ratio: The shrink ratio for "exact", the unclip ratio for "ratio".
        epsilon: Largest distance, px, between a contour and its simplification.
        rectangle_fill: A region that fills this fraction of its minimum-area rectangle is one; infinity: none is.

    Returns:
        M polygons.
    """
    rectangles = minimum_area_rectangles(regions.contours)
    polygons = list(_quads(rectangles, regions.pixels, unclip, ratio))
    bent = np.flatnonzero(regions.pixels < rectangle_fill * (rectangles.size + 0.5).prod(axis=1))
    simplified = _simplify(pick_polygons(regions.contours, bent), epsilon)
    thick = np.flatnonzero(measure_polygons(simplified).area > 0.0)
    moved = _grow_and_unclip(pick_polygons(simplified, thick), regions.pixels[bent[thick]], unclip, ratio)
    for index, polygon in zip(bent[thick].tolist(), moved, strict=True):
        polygons[index] = polygons[index] if polygon is None else polygon
    return polygons


def _simplify(contours: PackedPolygons, epsilon: float) -> PackedPolygons:
    """Contours with fewer vertices, by Douglas and Peucker's algorithm."""
    in_pixels = PackedPolygons(contours.points.astype(np.int32), contours.starts)
    simplified = [cv2.approxPolyDP(contour, epsilon, True).reshape(-1, 2) for contour in unpack_polygons(in_pixels)]
    return pack_polygons(simplified)


def _grow_and_unclip(
    contours: PackedPolygons, pixels: npt.NDArray[np.int64], unclip: Unclip, ratio: float
) -> list[Polygon | None]:
    """Simplified contours with an area, grown to the regions' number of pixels and moved out; None: nothing is left."""
    sizes = measure_polygons(contours)
    gaps = np.minimum(0.5, positive_root(sizes.gain, sizes.perimeter, sizes.area - pixels))
    area = sizes.area + sizes.perimeter * gaps + sizes.gain * gaps**2
    grown = Measures(area, sizes.perimeter + 2.0 * sizes.gain * gaps, sizes.gain)
    distances = gaps + unclip_distance(grown, unclip, ratio)
    shifted = PackedPolygons(contours.points + 0.5, contours.starts)
    moved = move_edges_out(shifted, distances)
    before, polygons = unpack_polygons(shifted), list[Polygon | None](unpack_polygons(moved.polygons))
    for index in np.flatnonzero(~moved.is_simple).tolist():
        pieces = offset_polygon(before[index], float(distances[index]), join="mitre")
        polygons[index] = pieces[0].astype(np.float64) if pieces else None
    return polygons


def _quads(
    rectangles: Rectangles, pixels: npt.NDArray[np.int64], unclip: Unclip, ratio: float
) -> npt.NDArray[np.float64]:
    """(M, 4, 2) corners of the rectangles, grown to the regions' number of pixels and moved out."""
    width, height = rectangles.size.T
    gaps = np.minimum(1.0, positive_root(np.array(1.0), width + height, width * height - pixels))
    width, height = width + gaps, height + gaps
    sizes = Measures(width * height, 2.0 * (width + height), RECTANGLE_GAIN)
    distances = unclip_distance(sizes, unclip, ratio)
    along = rectangles.direction * (width / 2.0 + distances)[:, None]
    across = rectangles.direction[:, ::-1] * (height / 2.0 + distances)[:, None] * (-1.0, 1.0)
    corners = np.stack((-along - across, along - across, along + across, across - along), axis=1)
    quads: npt.NDArray[np.float64] = rectangles.center[:, None] + 0.5 + corners
    return quads
