"""Test-time augmentation: the views of one image whose probability maps are fused."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry import Matrix, flip_horizontal, rotation, scaling, translation
from ocr.transforms.geometric import STRIDE, Letterbox, Transform, warp_corners

MOST_ROTATION = 45.0  # degrees


class Fade(NamedTuple):
    """Over how many px, from each side inward, the weight of a map rises to 1: as many as a neighbour sees as well.

    It rises linearly through the pixels' centres, so that two tiles that overlap by n pixels weigh 1 together. A side
    of the image itself does not fade (0): nothing else sees it.
    """

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def window(self, width: int, height: int) -> npt.NDArray[np.float32] | None:
        """(height, width) in (0, 1], px by px; None where no side fades."""
        if not any(self):
            return None
        return np.outer(_ramp(height, self.top, self.bottom), _ramp(width, self.left, self.right))


def _ramp(length: int, rise: int, fall: int) -> npt.NDArray[np.float32]:
    """(length,) weights along one side."""
    centres = np.arange(length, dtype=np.float32) + np.float32(0.5)
    weights = np.ones(length, dtype=np.float32)
    if rise:
        weights *= np.minimum(centres / np.float32(rise), 1)
    if fall:
        weights *= np.minimum(centres[::-1] / np.float32(fall), 1)
    return weights


class TTAView(NamedTuple):
    """One view of an image and what its map counts."""

    transform: Transform
    weight: float = 1.0
    fade: Fade = Fade()


class ImageViews(NamedTuple):
    """All views of an image, and the frame that their maps are fused in."""

    tta_views: tuple[TTAView, ...]
    frame_to_original: Matrix  # a scaling; the frame holds the image exactly, in whole pixels


class _Placed(NamedTuple):
    """The whole image at the scale and rotation of a view, its upper left corner at (0, 0)."""

    original_to_placed: Matrix
    width: int
    height: int


@dataclass(frozen=True)
class TTAViews:
    """Every combination of mirrored or not, scale and rotation; with `tile`, each of them cut into tiles.

    A detector that was trained without flips may lose by `flip`, and one that was trained on images made smaller
    finds little in tiles at full resolution (give `scales` below 1): scores on labelled images decide.

    Args:
        base: how an image is seen without augmentation.
        flip: also the mirror image of each view.
        scales: multiples of the base's size (rounded to multiples of 32 px), or with `tile` of the image's own
            resolution; those above 1 see pixels that the base loses.
        rotations: degrees clockwise, each in [-45, 45]; the input grows, so that nothing is cut off.
        tile: side of the tiles, px, a multiple of 32, or None for whole images. Images no larger have one tile.
        overlap: fraction of a tile that its neighbour sees as well, at least, in [0, 0.5].

    Raises:
        ValueError: if a value is outside its range.
    """

    base: Letterbox
    flip: bool = False
    scales: Sequence[float] = (1.0,)
    rotations: Sequence[float] = (0.0,)
    tile: int | None = None
    overlap: float = 0.25

    def __post_init__(self) -> None:
        if not self.scales or not all(0 < scale < math.inf for scale in self.scales):
            raise ValueError(f"expected tta.scales to be at least one number above 0, got {list(self.scales)}")
        if not self.rotations or not all(abs(angle) <= MOST_ROTATION for angle in self.rotations):
            raise ValueError(
                f"expected tta.rotations to be at least one angle within ±{MOST_ROTATION:g} degrees, "
                f"got {list(self.rotations)}"
            )
        if self.tile is not None and (self.tile <= 0 or self.tile % STRIDE):
            raise ValueError(f"expected tta.tile to be null or a positive multiple of {STRIDE}, got {self.tile}")
        if not 0 <= self.overlap <= 0.5:
            raise ValueError(f"expected tta.overlap in [0, 0.5], got {self.overlap}")

    @property
    def is_plain(self) -> bool:
        """Whether there is the base's view only."""
        plain = ([1.0], [0.0], None)
        return not self.flip and (list(self.scales), list(self.rotations), self.tile) == plain

    @property
    def settings(self) -> dict[str, Any]:
        """Everything but the base, as plain containers."""
        settings = {name: value for name, value in asdict(self).items() if name != "base"}
        return settings | {"scales": list(self.scales), "rotations": list(self.rotations)}

    def __call__(self, width_original: int, height_original: int) -> ImageViews:
        """The views of an image of this size, px."""
        tta_views = [
            tta_view
            for scale in self.scales
            for angle in self.rotations
            for tta_view in self._tta_views(self._place(width_original, height_original, scale, angle))
        ]
        if self.flip:
            tta_views += [_mirrored(tta_view) for tta_view in tta_views]
        frame = self._place(width_original, height_original, max(self.scales), 0.0)
        return ImageViews(tuple(tta_views), scaling(width_original / frame.width, height_original / frame.height))

    def _place(self, width_original: int, height_original: int, scale: float, angle: float) -> _Placed:
        if self.tile is None:
            scale = self.base.enlarged(scale).scale(width_original, height_original)
        width, height = (max(1, round(side * scale)) for side in (width_original, height_original))
        resize = scaling(width / width_original, height / height_original)
        if angle == 0:
            return _Placed(resize, width, height)
        rotated = rotation(angle) @ resize
        corners = warp_corners(rotated, width_original, height_original)
        left, top = corners.min(axis=0)
        width, height = (math.ceil(extent - 1e-6) for extent in np.ptp(corners, axis=0))
        return _Placed(translation(-left, -top) @ rotated, width, height)

    def _tta_views(self, placed: _Placed) -> Iterator[TTAView]:
        if self.tile is None:
            yield TTAView(self.base.pad(*placed))
            return
        for top, rise, fall in _cuts(placed.height, self.tile, self.overlap):
            for left, begin, end in _cuts(placed.width, self.tile, self.overlap):
                matrix = translation(-left, -top) @ placed.original_to_placed
                view = self.base.pad(matrix, min(placed.width, self.tile), min(placed.height, self.tile))
                yield TTAView(view, fade=Fade(begin, rise, end, fall))


def _mirrored(tta_view: TTAView) -> TTAView:
    """The mirror image of a whole input, its padding included: a network that knows no left and right sees the same."""
    transform = tta_view.transform
    matrix = flip_horizontal(transform.width_input) @ transform.original_to_input
    fade = tta_view.fade._replace(left=tta_view.fade.right, right=tta_view.fade.left)
    return tta_view._replace(transform=transform._replace(original_to_input=matrix), fade=fade)


def _cuts(side: int, tile: int, overlap: float) -> list[tuple[int, int, int]]:
    """Where tiles begin along a side, evenly, and by how many px each overlaps its neighbours before and behind."""
    if side <= tile:
        return [(0, 0, 0)]
    count = 1 + math.ceil((side - tile) / (tile * (1 - overlap)))
    starts = [round(number * (side - tile) / (count - 1)) for number in range(count)]
    shared = [0, *(tile - (after - before) for before, after in pairwise(starts)), 0]
    return list(zip(starts, shared[:-1], shared[1:], strict=True))
