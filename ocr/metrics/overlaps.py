"""Areas that polygons of two sets have in common, all wanted pairs at once, and the ratios made of them."""

from typing import NamedTuple

import numpy as np

from ocr.geometry.compiled import exact
from ocr.geometry.measures import bounding_boxes, touching_boxes
from ocr.geometry.packed import BoolArray, FloatArray, IntArray, PackedPolygons
from ocr.metrics.strips import LEFT, RIGHT, SIGN, Y_LEFT, Strips, cut_into_strips, height_at, strip_areas


class Overlaps(NamedTuple):
    """Intersections of N polygons with M others, as ratios in [0, 1]; 0 where a pair has no area in common."""

    iou: FloatArray  # (N, M) over the union
    of_first: FloatArray  # (N, M) over the area of the first
    of_second: FloatArray  # (N, M) over the area of the second


def overlap_ratios(first: PackedPolygons, second: PackedPolygons) -> Overlaps:
    """Intersections of all pairs.

    Args:
        first: N polygons, px.
        second: M polygons, px.
    """
    near = touching_boxes(bounding_boxes(first), bounding_boxes(second))
    first_strips, second_strips = cut_into_strips(first), cut_into_strips(second)
    shared = shared_areas(first_strips, second_strips, near)
    first_area, second_area = strip_areas(first_strips)[:, None], strip_areas(second_strips)
    some = shared > 0
    return Overlaps(
        shared / np.where(some, first_area + second_area - shared, 1.0),
        shared / np.where(some, first_area, 1.0),
        shared / np.where(some, second_area, 1.0),
    )


def shared_areas(first: Strips, second: Strips, wanted: BoolArray) -> FloatArray:
    """Areas of the intersections of the wanted pairs, px².

    Args:
        first: N regions.
        second: M regions.
        wanted: (N, M) which pairs are asked for.

    Returns:
        (N, M), exact up to rounding, and without any rounding for upright boxes with whole coordinates; 0 where not
        wanted.
    """
    return _shared_areas(first.edges, first.starts, second.edges, second.starts, wanted)


def shared_areas_of_pairs(first: Strips, second: Strips, pairs: IntArray) -> FloatArray:
    """The same for a list of pairs, where a table of all of them would be large and nearly empty.

    Args:
        first: N regions.
        second: M regions.
        pairs: (P, 2) a number of the first, 0 to N - 1, and one of the second, 0 to M - 1.

    Returns:
        (P,) px².
    """
    return _shared_areas_of_pairs(first.edges, first.starts, second.edges, second.starts, pairs)


@exact
def _shared_areas_of_pairs(
    edges_first: FloatArray, starts_first: IntArray, edges_second: FloatArray, starts_second: IntArray, pairs: IntArray
) -> FloatArray:
    shared = np.zeros(len(pairs))
    for pair in range(len(pairs)):
        i, j = pairs[pair, 0], pairs[pair, 1]
        first = edges_first[starts_first[i] : starts_first[i + 1]]
        second = edges_second[starts_second[j] : starts_second[j + 1]]
        shared[pair] = max(_shared_area(first, second), 0.0)
    return shared


@exact
def _shared_areas(
    edges_first: FloatArray,
    starts_first: IntArray,
    edges_second: FloatArray,
    starts_second: IntArray,
    wanted: BoolArray,
) -> FloatArray:
    shared = np.zeros(wanted.shape)
    for i in range(len(wanted)):
        first = edges_first[starts_first[i] : starts_first[i + 1]]
        for j in range(wanted.shape[1]):
            if wanted[i, j]:
                second = edges_second[starts_second[j] : starts_second[j + 1]]
                shared[i, j] = max(_shared_area(first, second), 0.0)
    return shared


@exact
def _shared_area(first: FloatArray, second: FloatArray) -> float:
    """Area, px², of the intersection of two regions: the sum over each strip of one with each of the other.

    That is nothing, or what lies above both edges where both have an x in common. Edges that touch or coincide are
    like any others.
    """
    area = 0.0
    for i in range(len(first)):
        for j in range(len(second)):
            left, right = max(first[i, LEFT], second[j, LEFT]), min(first[i, RIGHT], second[j, RIGHT])
            if second[j, LEFT] >= first[i, RIGHT]:
                break
            if left < right:
                base = first[0, Y_LEFT]  # any height does: it drops out; a near one loses fewest digits
                mean = _mean_of_upper(
                    height_at(first, i, left) - base,
                    height_at(first, i, right) - base,
                    height_at(second, j, left) - base,
                    height_at(second, j, right) - base,
                )
                area += first[i, SIGN] * second[j, SIGN] * (right - left) * mean
    return area


@exact
def _mean_of_upper(a_left: float, a_right: float, b_left: float, b_right: float) -> float:
    """Mean over a stretch of the smaller of two linear functions, given their values at its ends."""
    left, right = a_left - b_left, a_right - b_right
    apart = abs(left) + abs(right)  # twice the mean distance, unless they cross
    if left * right < 0.0:
        apart = (left * left + right * right) / apart
    return (a_left + a_right + b_left + b_right - apart) / 4.0
