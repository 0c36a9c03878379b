"""Geometric transforms: from an original image to the network's input by one 3x3 matrix and a size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, Protocol

import numpy as np

from ocr.geometry import Matrix, Polygon, flip_horizontal, rotation, scaling, translation

STRIDE = 32
"""The network takes heights and widths that are multiples of this."""

Padding = Literal["square", "multiple"]
"""`square`: every input is a square. `multiple`: only up to the next multiple of 32 (less work on CPUs)."""

Resize = Literal["long_side", "short_side"]
"""Which side of an image becomes `img_size`."""

READ_WITH_RESIZE: Mapping[str, tuple[str, str]] = {"max_side": ("resize", "short_side")}
"""The setting of `Letterbox` that does nothing unless another one has a value: that one and its value."""


class Transform(NamedTuple):
    """The matrix from the original frame to that of the input, and the input's size in pixels."""

    original_to_input: Matrix
    width_input: int
    height_input: int

    @property
    def input_to_original(self) -> Matrix:
        """The matrix from the frame of the input to the original one."""
        return np.linalg.inv(self.original_to_input).astype(np.float64)

    @property
    def largest_scale(self) -> float:
        """Input pixels per original pixel in the direction that is enlarged most, or shrunk least."""
        return float(np.linalg.norm(self.original_to_input[:2, :2], ord=2))


class TransformFactory(Protocol):
    """Chooses the transform of one image."""

    @property
    def img_size(self) -> int:
        """The side that images are scaled to, pixels."""
        ...

    @property
    def letterbox(self) -> Letterbox:
        """How large it shows images, the chance in it left out."""
        ...

    def __call__(
        self, width_original: int, height_original: int, polygons: Sequence[Polygon], rng: np.random.Generator
    ) -> Transform:
        """Sizes and polygons in original pixels; all randomness comes from `rng`."""
        ...


@dataclass(frozen=True)
class Letterbox:
    """The whole image, its aspect ratio kept, padded at the bottom and right; one of its sides becomes `img_size`.

    Args:
        img_size: that side, pixels, a multiple of 32.
        padding: how far the sides are padded.
        resize: which side it is.
        max_side: read by `short_side`: the long side becomes no longer than this, pixels, a multiple of 32.

    Raises:
        ValueError: if a size is no positive multiple of 32, `max_side` is below `img_size`, or a word is unknown.
    """

    img_size: int
    padding: Padding = "square"
    resize: Resize = "long_side"
    max_side: int = 4096

    def __post_init__(self) -> None:
        _check_input(self.img_size, self.padding)
        if self.resize not in ("long_side", "short_side"):
            raise ValueError(f"expected resize to be long_side or short_side, got {self.resize!r}")
        if self.resize == "short_side" and (self.max_side % STRIDE or self.max_side < self.img_size):
            raise ValueError(
                f"expected max_side as a multiple of {STRIDE}, at least img_size={self.img_size}, got {self.max_side}"
            )

    def __call__(
        self,
        width_original: int,
        height_original: int,
        polygons: Sequence[Polygon] = (),
        rng: np.random.Generator | None = None,
    ) -> Transform:
        """The one transform; `polygons` and `rng` do not matter. Both scales are exactly those of the rounded size."""
        scale = self.scale(width_original, height_original)
        width, height = (max(1, round(side * scale)) for side in (width_original, height_original))
        return self.pad(scaling(width / width_original, height / height_original), width, height)

    def __str__(self) -> str:
        if self.resize == "long_side":
            return f"a long side of {self.img_size} px"
        return f"a short side of {self.img_size} px, the long one up to {self.max_side} px"

    @property
    def letterbox(self) -> Letterbox:
        """Itself."""
        return self

    @property
    def longest_side(self) -> int:
        """The longest side that an image gets, pixels, before it is padded."""
        return self.img_size if self.resize == "long_side" else self.max_side

    def scale(self, width_original: int, height_original: int) -> float:
        """Input pixels per original pixel, before the sides are rounded."""
        short, long = sorted((width_original, height_original))
        if self.resize == "long_side":
            return self.img_size / long
        return min(self.img_size / short, self.max_side / long)

    def pad(self, matrix: Matrix, width: int, height: int) -> Transform:
        """The input that holds so many pixels from its upper left corner on."""
        sides = next_multiple(width), next_multiple(height)
        return Transform(matrix, *((max(sides),) * 2 if self.padding == "square" else sides))

    def at(self, img_size: int) -> Letterbox:
        """The same at another size; `max_side` grows with it where it has to."""
        return replace(self, img_size=img_size, max_side=max(self.max_side, img_size))

    def enlarged(self, factor: float) -> Letterbox:
        """The same for sizes multiplied by a factor above 0, each rounded to a multiple of 32, at least 32."""
        img_size, max_side = (_nearest_multiple(factor * side) for side in (self.img_size, self.max_side))
        return replace(self, img_size=img_size, max_side=max_side)


@dataclass(frozen=True)
class RandomTransform:
    """A random transform for training: flip, rotation, scale, aspect, shift, and a crop that keeps text.

    All of them are one affine matrix, so the pixels are interpolated once. Where the scaled image is larger than the
    input, the crop window holds a randomly chosen one of the polygons: all of it where it fits, else its centre.

    Args:
        img_size: largest side of the input, pixels, a multiple of 32.
        padding: `square`, or `multiple` to make the input no larger than the image's part needs.
        scale: range of the scale, relative to the letterbox; drawn log-uniformly.
        aspect: the width is stretched by up to this factor, or the height; >= 1, drawn log-uniformly.
        rotate: largest rotation, degrees, either way.
        flip: probability of a horizontal flip.
        shift: largest shift of an image smaller than the input, as a fraction of the free room, in [0, 1].

    Raises:
        ValueError: if a range is empty or a value is outside its limits.
    """

    img_size: int
    padding: Padding = "square"
    scale: tuple[float, float] = (1.0, 1.0)
    aspect: float = 1.0
    rotate: float = 0.0
    flip: float = 0.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        _check_input(self.img_size, self.padding)
        low, high = self.scale
        if not 0 < low <= high or self.aspect < 1 or not 0 <= self.flip <= 1 or not 0 <= self.shift <= 1:
            raise ValueError(
                "expected 0 < scale[0] <= scale[1], aspect >= 1, flip and shift in [0, 1], "
                f"got scale={list(self.scale)}, aspect={self.aspect}, flip={self.flip}, shift={self.shift}"
            )

    def __call__(
        self, width_original: int, height_original: int, polygons: Sequence[Polygon], rng: np.random.Generator
    ) -> Transform:
        """A transform drawn from `rng`; sizes and polygons in original pixels."""
        scale = self.img_size / max(width_original, height_original) * log_uniform(rng, *self.scale)
        stretch = math.sqrt(log_uniform(rng, 1 / self.aspect, self.aspect))
        scaled = (max(1, round(width_original * scale * stretch)), max(1, round(height_original * scale / stretch)))
        resize = scaling(scaled[0] / width_original, scaled[1] / height_original)  # to a size of whole pixels
        matrix = rotation(rng.uniform(-self.rotate, self.rotate)) @ resize
        if rng.random() < self.flip:
            matrix = matrix @ flip_horizontal(width_original)
        corners = warp_corners(matrix, width_original, height_original)
        low, extent = corners.min(axis=0), np.ptp(corners, axis=0)
        first, last = self._kept_box(matrix, width_original, height_original, polygons, rng) - low
        width, height = (self._side(float(side)) for side in extent)
        left = self._offset(float(extent[0]), width, float(first[0]), float(last[0]), rng)
        top = self._offset(float(extent[1]), height, float(first[1]), float(last[1]), rng)
        return Transform(translation(left - low[0], top - low[1]) @ matrix, width, height)

    @property
    def letterbox(self) -> Letterbox:
        """The whole image at `img_size` or, where `scale` leaves that out, as near to it as `scale` goes."""
        low, high = self.scale
        return Letterbox(_nearest_multiple(self.img_size * min(max(1.0, low), high)), self.padding)

    def _side(self, extent: float) -> int:
        whole = math.ceil(extent - 1e-6)  # the extent of a whole size is off in its last digits
        return self.img_size if self.padding == "square" else min(self.img_size, next_multiple(whole))

    @staticmethod
    def _kept_box(
        matrix: Matrix, width: int, height: int, polygons: Sequence[Polygon], rng: np.random.Generator
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """(2, 2): lower and upper bounds of what the crop has to hold: a random word, or the image's centre."""
        choice = rng.random()
        points = polygons[int(choice * len(polygons))] if polygons else np.array([[width / 2, height / 2]])
        warped = points @ matrix[:2, :2].T + matrix[:2, 2]
        return np.stack([warped.min(axis=0), warped.max(axis=0)])

    def _offset(self, extent: float, side: int, first: float, last: float, rng: np.random.Generator) -> float:
        """Where the scaled image begins in the input: >= 0 if it fits, <= 0 if it is cropped.

        Args:
            extent: of the scaled image.
            side: of the input.
            first: where what the crop has to hold begins in the scaled image.
            last: where it ends.
            rng: of the sample.
        """
        choice = rng.random()
        if extent <= side:
            return choice * self.shift * (side - extent)
        if last - first > side:
            first = last = (first + last) / 2
        lowest = max(last - side, 0.0)
        highest = min(first, extent - side)
        return -(lowest + choice * max(highest - lowest, 0.0))


def warp_corners(matrix: Matrix, width: int, height: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(4, 2): the corners of an image of this size after an affine matrix, clockwise from its upper left."""
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]])
    warped: np.ndarray[tuple[int, int], np.dtype[np.float64]] = (corners @ matrix.T)[:, :2]
    return warped


def _check_input(img_size: int, padding: str) -> None:
    if img_size <= 0 or img_size % STRIDE:
        raise ValueError(f"expected img_size to be a positive multiple of {STRIDE}, got {img_size}")
    if padding not in ("square", "multiple"):
        raise ValueError(f"expected padding to be square or multiple, got {padding!r}")


def next_multiple(side: int) -> int:
    """The smallest multiple of 32 px, at least 32, that holds a side of so many."""
    return math.ceil(side / STRIDE) * STRIDE


def _nearest_multiple(side: float) -> int:
    return max(STRIDE, STRIDE * round(side / STRIDE))


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number from `low` to `high`, both above 0, whose logarithm is uniformly distributed."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))
