"""Sheets of labelled images, and of places where labels are likely wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from baseline_code.classifier.sheets import Tile, draw_sheet
from baseline_code.images.reading import Pixels, open_image
from ocr.annotations.words import ImageAnnotation
from ocr.data_report.label_errors import Suspect, first_of_each_kind
from ocr.data_report.splits import InspectedSplit, ScannedImage
from ocr.geometry import Matrix, Polygon, scaling, transform_polygon, translation
from ocr.transforms.geometric import Transform
from ocr.transforms.warping import warp_image
from ocr.visualization.overlays import draw_polygons

SAMPLES, SUSPECTS_OF_A_KIND = 12, 8
SIDE, COLUMNS = 480, 4
READABLE, IGNORED = 1.0, 0.0
"""What stands for a score where polygons are drawn."""
_LEAST_CROP = 160.0  # px of the image around a word


def draw_samples(split: InspectedSplit) -> Pixels:
    """A sheet of images from all over a split, readable words green, ignored ones orange.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    numbers = np.unique(np.linspace(0, len(split.images) - 1, min(SAMPLES, len(split.images))).round().astype(int))
    tiles = []
    for annotation, image in ((split.annotations[number], split.images[number]) for number in numbers):
        remark = f"{len(annotation.readable)} words, {sum(annotation.ignore)} ignored"
        whole = np.array([0.0, 0.0, *image.size])
        drawn = _draw(image, whole, annotation.polygons, annotation.ignore)
        tiles.append(Tile(drawn, annotation.filename, remark))
    return draw_sheet(tiles, empty="no image", side=SIDE, columns=COLUMNS)


def draw_suspects(suspects: Sequence[Suspect], images: Mapping[str, tuple[ImageAnnotation, ScannedImage]]) -> Pixels:
    """A sheet of the first eight places of each kind: labels are green, what is suspected orange.

    Args:
        suspects: most suspicious first.
        images: by file name.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    tiles = []
    for suspect in first_of_each_kind(suspects, SUSPECTS_OF_A_KIND):
        annotation, image = images[suspect.image]
        others = [word.polygon for word in annotation.words if word.id != suspect.word]
        polygons = [*others, suspect.polygon]
        window = _around(suspect.polygon, image.size)
        drawn = _draw(image, window, polygons, [False] * len(others) + [True])
        tiles.append(Tile(drawn, suspect.image, f"{suspect.kind}, {suspect.suspicion:.2f}"))
    return draw_sheet(tiles, empty="no likely label error", side=SIDE, columns=COLUMNS)


def _around(polygon: Polygon, size: tuple[int, int]) -> np.ndarray:
    """A square window around a polygon with as much again on each side, as xyxy, px of the image; cut at its border."""
    low, high = polygon.min(axis=0).astype(float), polygon.max(axis=0).astype(float)
    half = max(_LEAST_CROP / 2, 1.5 * float((high - low).max()) / 2)
    centre = (low + high) / 2
    return np.concatenate([np.maximum(centre - half, 0), np.minimum(centre + half, size)])


def _draw(image: ScannedImage, window: np.ndarray, polygons: Sequence[Polygon], ignore: Sequence[bool]) -> Pixels:
    """The window of an image with its polygons, its long side 480 px."""
    extent = window[2:] - window[:2]
    scale = SIDE / float(extent.max())
    original_to_tile: Matrix = scaling(scale) @ translation(*-window[:2])
    width, height = np.maximum(np.rint(extent * scale), 1).astype(int).tolist()
    with open_image(image.path) as file:
        pixels, pixels_to_original = file.decode(scale=min(1.0, scale))
    seen = warp_image(pixels, Transform(original_to_tile, width, height), pixels_to_original)
    moved = [transform_polygon(polygon, original_to_tile) for polygon in polygons]
    return draw_polygons(seen, moved, [IGNORED if flag else READABLE for flag in ignore])
