"""Polygons of several members that mean the same word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.geometry.compiled import exact
from ocr.geometry.measures import bounding_boxes
from ocr.geometry.packed import FloatArray, IntArray, pack_polygons
from ocr.geometry.polygons import Polygon
from ocr.metrics.overlaps import shared_areas_of_pairs
from ocr.metrics.strips import cut_into_strips, strip_areas

ROUNDING = 1e-9
"""Relative slack of bounds, so that rounding never drops a pair before it is measured."""


def cluster_polygons(polygons: Sequence[Polygon], members: IntArray, iou_threshold: float) -> IntArray:
    """Group the polygons of one image, at most one of each member in a group.

    The first polygon that is in no group yet begins one and takes from each other member the polygon of the highest
    IoU with it that is still free, if that is high enough (of equal ones the first); and so on to the last. All
    depends on the order of the polygons alone, not on the members' numbers.

    Args:
        polygons: N polygons (K, 2), px, best first.
        members: (N,) whose each is, 0 or above.
        iou_threshold: lowest IoU with the one that began the group, in (0, 1). At 0.5 or above a polygon that
            overlaps no other of its member can belong to one group only.

    Returns:
        (N,) the index of the polygon that began the group of each: its own index where it began one.
    """
    pairs = _overlapping_pairs(polygons, members, iou_threshold)
    ends = np.searchsorted(pairs[:, 0], np.arange(len(polygons) + 1))
    return _group(pairs[:, 1].copy(), ends, members, int(members.max(initial=0)) + 1)


def count_common(first: Sequence[Polygon], second: Sequence[Polygon], iou_threshold: float) -> int:
    """How many words of one image two members have in common.

    Args:
        first: polygons (K, 2), px.
        second: of another member.
        iou_threshold: lowest IoU of polygons that mean the same word, in (0, 1).
    """
    members = np.repeat(np.arange(2), (len(first), len(second)))
    groups = cluster_polygons([*first, *second], members, iou_threshold)
    return len(groups) - len(np.unique(groups))


def _overlapping_pairs(polygons: Sequence[Polygon], members: IntArray, iou_threshold: float) -> IntArray:
    """(P, 2) pairs of different members, by the first, which ranks higher, and within it by IoU, highest first."""
    packed = pack_polygons(polygons)
    boxes, strips = bounding_boxes(packed), cut_into_strips(packed)
    areas = strip_areas(strips)
    by_top = np.argsort(boxes[:, 1], kind="stable")
    pairs = _possible_pairs(boxes, areas, members, by_top, iou_threshold * (1.0 - ROUNDING))
    shared = shared_areas_of_pairs(strips, strips, pairs)
    ious = shared / (areas[pairs[:, 0]] + areas[pairs[:, 1]] - shared)
    order = np.lexsort((pairs[:, 1], -ious, pairs[:, 0]))
    return pairs[order[ious[order] >= iou_threshold]]


@exact
def _possible_pairs(
    boxes: FloatArray, areas: FloatArray, members: IntArray, by_top: IntArray, iou_threshold: float
) -> IntArray:
    """(P, 2) pairs of different members whose boxes and areas permit the IoU; the first of a pair ranks higher."""
    pairs = np.empty((4 * len(boxes) + 16, 2), dtype=np.int64)
    count = 0
    for place in range(len(by_top)):
        i = by_top[place]
        for later in range(place + 1, len(by_top)):
            j = by_top[later]
            if boxes[j, 1] >= boxes[i, 3]:
                break
            width = min(boxes[i, 2], boxes[j, 2]) - max(boxes[i, 0], boxes[j, 0])
            if width <= 0.0 or members[i] == members[j]:
                continue
            height = min(boxes[i, 3], boxes[j, 3]) - boxes[j, 1]
            shared = min(width * height, areas[i], areas[j])
            if shared > 0.0 and shared * (1.0 + iou_threshold) >= iou_threshold * (areas[i] + areas[j]):
                if count == len(pairs):
                    pairs = np.concatenate((pairs, np.empty_like(pairs)))
                pairs[count, 0], pairs[count, 1] = min(i, j), max(i, j)
                count += 1
    return pairs[:count]


@exact
def _group(others: IntArray, ends: IntArray, members: IntArray, member_count: int) -> IntArray:
    """Each polygon's group, given whom each overlaps: `others[ends[n] : ends[n + 1]]`, the most first."""
    groups = np.full(len(members), -1, dtype=np.int64)
    joined = np.full(member_count, -1, dtype=np.int64)  # the last group that each member has a polygon in
    for first in range(len(members)):
        if groups[first] >= 0:
            continue
        groups[first] = first
        joined[members[first]] = first
        for index in range(ends[first], ends[first + 1]):
            other = others[index]
            if groups[other] < 0 and joined[members[other]] != first:
                groups[other] = first
                joined[members[other]] = first
    return groups
