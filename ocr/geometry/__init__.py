"""Polygons and the frames they live in: arrays only, knows nothing of networks."""

from ocr.geometry.affine import (
    Matrix,
    flip_horizontal,
    rotation,
    scaling,
    to_opencv,
    transform_polygon,
    translation,
)
from ocr.geometry.measures import polygon_area, polygon_perimeter, signed_area
from ocr.geometry.offset import offset_polygon, shrink_distance
from ocr.geometry.polygons import (
    Polygon,
    clip_polygon,
    has_one_lobe,
    largest_simple_piece,
    order_clockwise,
)

__all__ = [
    "Matrix",
    "Polygon",
    "clip_polygon",
    "flip_horizontal",
    "has_one_lobe",
    "largest_simple_piece",
    "offset_polygon",
    "order_clockwise",
    "polygon_area",
    "polygon_perimeter",
    "rotation",
    "scaling",
    "shrink_distance",
    "signed_area",
    "to_opencv",
    "transform_polygon",
    "translation",
]
