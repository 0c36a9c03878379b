"""Polygons to the four training maps of DBNet.

One signed distance field per polygon gives all of them. With d(p) the distance from a pixel's centre to the outline,
positive inside, and D the shrink distance: the shrunk polygon is {d >= D}, the dilated one {d >= -D} (offsets with
rounded corners, exactly, and no care is needed where an offset splits), the threshold label is 1 - |d| / D.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry.distance_field import (
    Vertices,
    area_and_perimeter,
    crosses_itself,
    erase_inside,
    holds_pixel_centre,
    paint_label,
)
from ocr.geometry.offset import check_shrink_ratio
from ocr.geometry.polygons import Polygon, largest_simple_piece

LOBE_SHARE = 0.9
"""A self-crossing outline trains as its largest piece if that holds this share of its area; else it is masked out."""

THICK = 1.5
"""A word with r² A / L of this many px surely holds a pixel centre when shrunk: a box is then 3 px high at least."""


class DBTargets(NamedTuple):
    """Training maps of one image, each uint8 (1, H, W)."""

    probability: npt.NDArray[np.uint8]  # 1 inside the shrunk polygons
    probability_mask: npt.NDArray[np.uint8]  # 1 where the probability loss counts
    threshold: npt.NDArray[np.uint8]  # 255 = 1.0
    threshold_mask: npt.NDArray[np.uint8]  # 1 inside the dilated polygons, where the threshold loss counts


def build_targets(
    polygons: Sequence[Polygon],
    ignore: Sequence[bool],
    height: int,
    width: int,
    *,
    shrink_ratio: float = 0.4,
    threshold_min: float = 0.3,
    threshold_max: float = 0.7,
    min_side: float = 3.0,
) -> DBTargets:
    """Make the training maps of one image from float polygons (nothing is rounded before it is painted).

    Where polygons overlap the larger value wins. An ignored polygon takes its pixels out of the probability mask except
    those that a readable word also covers: CLEval, too, cuts readable words out of ignored regions. Polygons that are
    too small, enclose no area or cross themselves (bow ties) are handled as ignored ones; so are those whose shrunk
    polygon slips between the pixel centres, which would teach that their text is background. With no polygon at all
    the maps are all background, every pixel counts for the probability and none for the threshold.

    Args:
        polygons: (K, 2) each, px of the network's input; they may reach outside the picture or lie outside of it.
        ignore: One flag per polygon; True = adds nothing to the probability, the threshold or the threshold mask.
        height: H, px.
        width: W, px.
        shrink_ratio: r of the shrink distance D = A (1 - r²) / L, in (0, 1).
        threshold_min: Threshold label at distance D from an outline and on the background, in [0, 1].
        threshold_max: Threshold label on an outline, in [0, 1].
        min_side: A polygon whose minimum-area rectangle has a shorter side, px, is too small.

    Returns:
        The four maps.

    Raises:
        ValueError: if there is not one flag per polygon, a polygon is not (K, 2) or not finite, a size or
            `shrink_ratio` is out of its range.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Label generation". Departures: distances are taken at pixel centres
        (there: filled polygons rounded to integers); the threshold label uses the distance to the segments.
    """
    _check_arguments(polygons, ignore, height, width, shrink_ratio, threshold_min, threshold_max)
    low, high = 255.0 * threshold_min, 255.0 * threshold_max
    probability, threshold_mask, inside = (np.zeros((height, width), np.uint8) for _ in range(3))
    threshold = np.full((height, width), np.float32(low + 0.5), np.uint8)  # halves are rounded up, as in paint_label
    masked: list[Vertices] = []
    for polygon, ignored in zip(polygons, ignore, strict=True):
        vertices = np.ascontiguousarray(polygon, dtype=np.float64)
        outline = None if ignored else _trainable_outline(vertices, min_side)
        distance = 0.0 if outline is None else _trainable_distance(outline, shrink_ratio)
        if outline is None or distance == 0.0:
            masked.append(vertices)
        else:
            paint_label(outline, distance, low, high, probability, threshold, threshold_mask, inside)
    probability_mask = np.ones((height, width), np.uint8)
    for vertices in masked:
        if len(vertices) >= 3:
            erase_inside(vertices, inside, probability_mask)
    return DBTargets(probability[None], probability_mask[None], threshold[None], threshold_mask[None])


def _trainable_outline(vertices: Vertices, min_side: float) -> Vertices | None:
    """The simple outline a word trains with, or None where it is too small or crosses itself."""
    if len(vertices) < 3:
        return None
    if crosses_itself(vertices):
        piece, share = largest_simple_piece(vertices)
        if piece is None or share < LOBE_SHARE:
            return None
        vertices = piece.astype(np.float64)
    area, _ = area_and_perimeter(vertices)
    if area <= 0.0:
        return None
    extent = vertices.max(axis=0) - vertices.min(axis=0)
    if area >= min_side * float(
        np.hypot(extent[0], extent[1])
    ):  # its rectangle's short side is at least area / diagonal
        return vertices
    sides = cv2.minAreaRect((vertices - vertices[0]).astype(np.float32))[1]
    return vertices if min(sides) >= min_side else None


def _trainable_distance(outline: Vertices, shrink_ratio: float) -> float:
    """The shrink distance, px, or 0 where the shrunk polygon would not hold the centre of a single pixel."""
    area, perimeter = area_and_perimeter(outline)
    distance = area * (1.0 - shrink_ratio**2) / perimeter
    is_thick = shrink_ratio**2 * area / perimeter >= THICK
    return distance if is_thick or holds_pixel_centre(outline, distance) else 0.0


def _check_arguments(
    polygons: Sequence[Polygon],
    ignore: Sequence[bool],
    height: int,
    width: int,
    shrink_ratio: float,
    threshold_min: float,
    threshold_max: float,
) -> None:
    """Raise a ValueError that names the first argument out of its range."""
    check_shrink_ratio(shrink_ratio)
    if shrink_ratio == 1.0:
        raise ValueError("expected a shrink_ratio below 1, got 1.0: there would be no border to learn")
    if len(polygons) != len(ignore):
        raise ValueError(f"expected one ignore flag per polygon, got {len(polygons)} polygons and {len(ignore)} flags")
    if height < 1 or width < 1:
        raise ValueError(f"expected a height and width of at least 1 px, got {height} x {width}")
    if not 0.0 <= threshold_min <= threshold_max <= 1.0:
        raise ValueError(f"expected 0 <= threshold_min <= threshold_max <= 1, got {threshold_min} and {threshold_max}")
    for index, polygon in enumerate(polygons):
        if np.ndim(polygon) != 2 or np.shape(polygon)[1] != 2 or not np.isfinite(polygon).all():
            raise ValueError(
                f"expected polygons of finite (K, 2) vertices, got polygon {index}: {np.asarray(polygon)!r}"
            )
