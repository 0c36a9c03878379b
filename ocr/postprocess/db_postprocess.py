"""DBNet's post-processing: a probability map to word polygons in the original image."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from ocr.geometry.affine import Matrix, transform_polygon
from ocr.geometry.measures import are_inside
from ocr.geometry.offset import check_shrink_ratio
from ocr.geometry.packed import PackedPolygons, pack_polygons, pick_polygons
from ocr.geometry.polygons import Polygon, at_least_four, clip_polygon, order_clockwise, order_polygons
from ocr.geometry.rectangles import minimum_area_rectangles
from ocr.postprocess.regions import ProbabilityMap, Regions, find_regions
from ocr.postprocess.unclip import Unclip, regions_to_polygons, regions_to_quads

Mode = Literal["polygon", "quad"]
READ_WITH_MODE: Mapping[str, tuple[str, str]] = {
    "unclip_ratio": ("unclip", "ratio"),
    "shrink_ratio": ("unclip", "exact"),
    "epsilon": ("mode", "polygon"),
    "rectangle_fill": ("mode", "polygon"),
}
"""Settings that do nothing unless another one has a value: that one and its value."""


class Detections(NamedTuple):
    """Detected words of one image, best first."""

    polygons: list[Polygon]  # (K, 2) each, K >= 4, px of the original image, clockwise from the top-left
    scores: npt.NDArray[np.float32]  # (M,), in [0, 1], descending


@dataclass(frozen=True, kw_only=True)
class DBPostProcess:
    """Binarise, find regions, score them, keep the best, move their polygons out, map them back.

    Args:
        mode: "polygon" follows each region's contour, "quad" takes its minimum-area rectangle.
        thresh: Pixels above it belong to regions, in [0, 1].
        box_thresh: Regions whose mean probability is lower are dropped, in [0, 1].
        max_candidates: At most so many regions, the best by score, wherever they lie.
        unclip: "exact" undoes the label's shrink, "ratio" moves by area * unclip_ratio / perimeter.
        unclip_ratio: Read by "ratio" only; 1.5 in the paper.
        shrink_ratio: Read by "exact" only: r of the labels, in (0, 1].
        min_size: Polygons whose minimum-area rectangle has a shorter side are dropped, px of the network's input.
        epsilon: Read by "polygon" only: largest distance between a contour and its simplification, px of the map.
        rectangle_fill: Read by "polygon" only: a region that fills this fraction of its minimum-area rectangle is taken
            as that rectangle, which is truer than a simplified contour of a few pixels; infinity: none is.

    Raises:
        ValueError: if an argument is out of its range.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Deployment". Departures from it and its authors' code: the best
        candidates are kept, not the first contours; holes are no candidates; the score is the mean over the region, not
        over its rectangle or simplified contour; exact unclip; mitred corners; the half pixel between pixel centres and
        pixel borders is added back; contours are simplified by a distance in pixels, not by a fraction of their length,
        and give way to a rectangle that they fill; sizes are compared after the unclip only.
    """

    mode: Mode = "polygon"
    thresh: float = 0.3
    box_thresh: float = 0.4
    max_candidates: int = 500
    unclip: Unclip = "exact"
    unclip_ratio: float = 1.5
    shrink_ratio: float = 0.4
    min_size: float = 2.0
    epsilon: float = 1.0
    rectangle_fill: float = 0.8

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise ValueError(f'expected mode "polygon" or "quad", got {self.mode!r}')
        if self.unclip not in get_args(Unclip):
            raise ValueError(f'expected unclip "exact" or "ratio", got {self.unclip!r}')
        for name in ("thresh", "box_thresh"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"expected {name} in [0, 1], got {getattr(self, name)}")
        if self.max_candidates < 1:
            raise ValueError(f"expected max_candidates of at least 1, got {self.max_candidates}")
        for name in ("unclip_ratio", "min_size", "epsilon", "rectangle_fill"):
            if not getattr(self, name) >= 0.0:
                raise ValueError(f"expected {name} >= 0, got {getattr(self, name)}")
        check_shrink_ratio(self.shrink_ratio)

    def __call__(
        self, probability: ProbabilityMap, input_to_original: Matrix, width_original: int, height_original: int
    ) -> Detections:
        """Read one image's probability map.

        Args:
            probability: (H, W) at the network's input size: float32 in [0, 1], uint8 (255 = 1) or uint16 (65535 = 1).
            input_to_original: (3, 3), continuous coordinates of the map to those of the original image.
            width_original: px.
            height_original: px.

        Returns:
            Polygons inside [0, width] x [0, height], each with an area and at least four points, best score first; none
            at all where no region is left. A higher `box_thresh` (compared in float32, as scores are) leaves exactly
            the first of them.

        Raises:
            ValueError: if the map or the matrix has another shape or type.
        """
        regions = find_regions(probability, self.thresh, self.box_thresh, self.max_candidates)
        polygons = self._unclipped(regions)
        is_large = minimum_area_rectangles(polygons).size.min(axis=1) >= self.min_size
        large = np.flatnonzero(is_large)
        found = to_original_frame(pick_polygons(polygons, large), input_to_original, width_original, height_original)
        is_left = [polygon is not None for polygon in found]
        return Detections([polygon for polygon in found if polygon is not None], regions.scores[large[is_left]])

    def _unclipped(self, regions: Regions) -> PackedPolygons:
        """The regions' polygons in the network's frame, moved out."""
        ratio = self.shrink_ratio if self.unclip == "exact" else self.unclip_ratio
        if self.mode == "quad":
            return pack_polygons(regions_to_quads(regions, self.unclip, ratio))
        return pack_polygons(regions_to_polygons(regions, self.unclip, ratio, self.epsilon, self.rectangle_fill))


def to_original_frame(
    polygons: PackedPolygons, input_to_original: Matrix, width: int, height: int
) -> list[Polygon | None]:
    """Map polygons to the original frame, clip them to the image, and order their vertices.

    Args:
        polygons: M polygons of three or more vertices in the network's frame, px.
        input_to_original: (3, 3), continuous coordinates.
        width: Of the original image, px.
        height: Of the original image, px.

    Returns:
        M polygons (K, 2), K >= 4, with an area, clockwise from the top-left; None in place of one that has no area
        inside the image.

    Raises:
        ValueError: if the matrix is not (3, 3).
    """
    points = transform_polygon(polygons.points, input_to_original)
    moved = polygons._replace(points=points.astype(np.float64))
    is_whole = are_inside(moved, width, height) & (np.diff(polygons.starts) >= 4)
    ordered = order_polygons(moved).points.astype(np.float32)
    bounds = polygons.starts.tolist()
    return [
        ordered[start:end] if whole else _clip(points[start:end], width, height)
        for start, end, whole in zip(bounds[:-1], bounds[1:], is_whole.tolist(), strict=True)
    ]


def _clip(polygon: Polygon, width: int, height: int) -> Polygon | None:
    """The part inside the image, ordered and with at least four points; None where nothing is left."""
    clipped = clip_polygon(polygon, width, height)
    return None if clipped is None else at_least_four(order_clockwise(clipped))
