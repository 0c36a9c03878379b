"""Patches of given classes cut out of one image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from baseline_code.images.reading import Pixels
from ocr.geometry import Matrix, Polygon, rotation, scaling, to_opencv, transform_polygon, translation
from ocr.transforms.geometric import log_uniform

HEIGHTS = (7.0, 11.0, 17.0, 27.0, 43.0)
"""Borders of the height classes: a word's shorter side, px of the patch."""
ANGLES = (-24.0, -8.0, 8.0, 24.0)
"""Borders of the angle classes: how a word's longer side is skewed, degrees clockwise."""
BACKGROUND_FRACTION = 0.25
CLEARANCE = 0.2
"""A background patch shows no text this near to its centre, as a fraction of its side."""
NEAR_FRACTION = 0.6
"""This fraction of background patches is looked for close to a word."""
TRIES = 20
"""Places that are tried for a background patch before an image counts as full of text."""
SMALLEST_HEIGHT = 5.0
"""Words below this many px of the image are not enlarged to patches."""


class Scene(NamedTuple):
    """An image and the polygons of its words, legible or not."""

    image: Pixels
    polygons: Sequence[Polygon]


class Patches(NamedTuple):
    """Patches (N, S, S, 3) uint8 RGB with their classes (N,)."""

    images: Pixels
    labels: npt.NDArray[np.int64]


def class_names() -> tuple[str, ...]:
    """`background`, then every height class with every angle class."""
    heights = [f"{low:g}-{high:g}px" for low, high in pairwise(HEIGHTS)]
    angles = [f"{low:g}..{high:g}deg" for low, high in pairwise(ANGLES)]
    return ("background", *(f"{height} {angle}" for height in heights for angle in angles))


def cut_patches(scene: Scene, count: int, size: int, rng: np.random.Generator) -> Patches:
    """Cut patches of random classes out of one image.

    Args:
        scene: an image and its words.
        count: patches wanted; fewer come where background was asked for and no free place was found.
        size: S, side of a patch, px.
        rng: all randomness.
    """
    words = [word for word in map(_measure, scene.polygons) if word.height >= SMALLEST_HEIGHT]
    pyramid = _pyramid(scene.image)
    images, labels = [], []
    for _ in range(count):
        is_background = not words or rng.random() < BACKGROUND_FRACTION
        label = 0 if is_background else int(rng.integers(1, len(class_names())))
        image_to_patch = (
            _find_background(scene, words, size, rng) if is_background else _find_word(words, label, size, rng)
        )
        if image_to_patch is not None:
            images.append(_warp(pyramid, image_to_patch, size))
            labels.append(label)
    return Patches(np.array(images, np.uint8).reshape(-1, size, size, 3), np.array(labels, np.int64))


class _Word(NamedTuple):
    """A word's rectangle, px and degrees of the image."""

    x: float
    y: float
    width: float  # along the side that is nearer to the horizontal
    height: float
    skew: float  # of that side, clockwise, in [-45, 45]


def _measure(polygon: Polygon) -> _Word:
    (x, y), (width, height), degrees = cv2.minAreaRect(np.asarray(polygon, np.float32))
    quarter = round(degrees / 90.0)
    if quarter % 2:
        width, height = height, width
    return _Word(x, y, width, height, degrees - 90.0 * quarter)


def _find_word(words: Sequence[_Word], label: int, size: int, rng: np.random.Generator) -> Matrix:
    """Image to patch: a random word, as large and as skewed as its class says, runs through the middle."""
    height_class, angle_class = divmod(label - 1, len(ANGLES) - 1)
    word = words[int(rng.integers(len(words)))]
    height = log_uniform(rng, HEIGHTS[height_class], HEIGHTS[height_class + 1])
    angle = rng.uniform(ANGLES[angle_class], ANGLES[angle_class + 1])
    along = rng.uniform(-0.5, 0.5) * max(0.0, word.width - word.height)
    direction = math.radians(word.skew)
    point = (word.x + along * math.cos(direction), word.y + along * math.sin(direction))
    return _centre_on(point, angle - word.skew, height / word.height, size)


def _find_background(scene: Scene, words: Sequence[_Word], size: int, rng: np.random.Generator) -> Matrix | None:
    """Image to patch: no text near the middle; None where `TRIES` random places had some."""
    height, width = scene.image.shape[:2]
    middle = slice(round(size * (0.5 - CLEARANCE)), round(size * (0.5 + CLEARANCE)))
    for _ in range(TRIES):
        usual = words[int(rng.integers(len(words)))] if words else _Word(0.0, 0.0, width, 0.02 * height, 0.0)
        scale = log_uniform(rng, HEIGHTS[0], HEIGHTS[-1]) / usual.height
        if rng.random() < NEAR_FRACTION:  # between and beside lines it is hard to tell
            spread = (usual.width / 2 + usual.height, 2 * usual.height)
            point = (usual.x + rng.uniform(-1, 1) * spread[0], usual.y + rng.uniform(-1, 1) * spread[1])
        else:
            point = (rng.uniform(0.0, width), rng.uniform(0.0, height))
        image_to_patch = _centre_on(point, rng.uniform(ANGLES[0], ANGLES[-1]), scale, size)
        text = np.zeros((size, size), np.uint8)
        for polygon in scene.polygons:  # one by one: OpenCV leaves out where two of a call overlap
            cv2.fillPoly(text, [np.rint(transform_polygon(polygon, image_to_patch)).astype(np.int32)], 1)
        if 0 <= point[0] < width and 0 <= point[1] < height and not text[middle, middle].any():
            return image_to_patch
    return None


def _centre_on(point: tuple[float, float], degrees: float, scale: float, size: int) -> Matrix:
    """Image to patch: `point` goes to the patch's centre, rotated clockwise and scaled about it."""
    image_to_patch: Matrix = (
        translation(size / 2, size / 2) @ rotation(degrees) @ scaling(scale) @ translation(-point[0], -point[1])
    )
    return image_to_patch


def _pyramid(image: Pixels) -> list[Pixels]:
    """The image, halved by area averaging until it is small."""
    levels = [image]
    while min(levels[-1].shape[:2]) >= 128:
        height, width = levels[-1].shape[:2]
        halved = cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(halved, np.uint8))
    return levels


def _warp(pyramid: Sequence[Pixels], image_to_patch: Matrix, size: int) -> Pixels:
    """The patch, (S, S, 3), sampled from the smallest level that need not be enlarged."""
    scale = math.sqrt(abs(float(np.linalg.det(image_to_patch[:2, :2]))))
    level = min(len(pyramid) - 1, max(0, math.floor(-math.log2(scale))))
    height, width = pyramid[0].shape[:2]
    small_height, small_width = pyramid[level].shape[:2]
    matrix = to_opencv(image_to_patch @ scaling(width / small_width, height / small_height))
    patch = cv2.warpAffine(
        pyramid[level], matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(patch, np.uint8)
