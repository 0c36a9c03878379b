"""The weighted mean of several views of an image, pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Literal, get_args

import numpy as np

from ocr.postprocess.regions import full_scale
from ocr.probability_maps.image_map import ImageMap, check_covers_image, with_frame
from ocr.probability_maps.quantisation import to_16_bit
from ocr.probability_maps.sampling import Levels, Sampled, sample_view
from ocr.probability_maps.views import Frame, MapView, Weights, check_view, finest_frame, frame_to_view

Space = Literal["probability", "logit"]
FULL = np.float32(65535)


def fuse_views(
    views: Sequence[MapView],
    width_original: int,
    height_original: int,
    *,
    frame: Frame | None = None,
    space: Space = "probability",
) -> Levels:
    """Weighted mean of all that covers each pixel of an image, in float32: another order moves no level by more than 1.

    Only pixels whose centre lies inside the image are read: padding weighs nothing, nor does what lies outside a
    view. A view whose pixels are those of the frame is not resampled, a mirrored one neither; any other is, see
    `sample_view`. A single view that is the frame comes back to the bit.

    Args:
        views: at least one with a weight above 0; those of weight 0 are not read. 8 bits and floats become 16 bits.
        width_original: of the image, px.
        height_original: px.
        frame: size of the result; by default that of the view with the highest resolution.
        space: "probability" for the mean of the probabilities; "logit" for the probability at the mean of their logits,
            each of the resampled level of 16 bits, levels 0 and 1 half a step of the view's own bits inside (as if of
            16 bits for floats).

    Returns:
        (H, W) of the frame, 65535 = 1; covers the image exactly. 0 where no view covers it.

    Raises:
        ValueError: if a view does not hold, a weight is negative or not finite, all are 0, or `space` is unknown.
    """
    if space not in get_args(Space):
        raise ValueError(f'expected space "probability" or "logit", got {space!r}')
    if width_original < 1 or height_original < 1 or (frame is not None and min(frame) < 1):
        raise ValueError(
            f"expected sizes of at least 1 px, got an image of {width_original} x {height_original} px, frame {frame}"
        )
    fractions = normalise_weights([view.weight for view in views], len(views))
    used = [(view, fraction) for view, fraction in zip(views, fractions, strict=True) if fraction > 0]
    for view, _ in used:
        check_view(view)
    frame = frame or finest_frame([view for view, _ in used], width_original, height_original)
    mean = _Mean(frame, space)
    for view, fraction in used:
        matrix = frame_to_view(view, frame, width_original, height_original)
        sampled = sample_view(to_16_bit(view.probability), view.window, matrix, frame)
        if sampled is not None:
            mean.add(sampled, fraction, step=257 if full_scale(view.probability) == 255 else 1)
    return mean.levels()


def fuse_maps(maps: Sequence[ImageMap], weights: Sequence[float], *, space: Space = "probability") -> ImageMap:
    """Weighted mean of what several networks predicted for one image, in maps of any sizes.

    Args:
        maps: at least one with a weight above 0; those of weight 0 are not read.
        weights: one per map, >= 0; only their ratios count.
        space: see `fuse_views`.

    Returns:
        The map, uint16, at the size of the largest that counts, with its labels; where only one map counts, that one as
        it is.

    Raises:
        ValueError: naming the image, if the maps are of several images or sizes of it, one of them does not cover
            it, or there are more or fewer weights than maps; if a weight is negative, or all are 0.
    """
    fractions = normalise_weights(weights, len(maps))
    used = [(one, fraction) for one, fraction in zip(maps, fractions, strict=True) if fraction > 0]
    _check_one_image([one for one, _ in used])
    if len(used) == 1:
        return used[0][0]
    record = used[0][0].record
    views = [MapView(one.probability, one.record.input_to_original, fraction) for one, fraction in used]
    fused = fuse_views(views, record.width_original, record.height_original, space=space)
    return ImageMap(with_frame(record, fused.shape[1], fused.shape[0]), fused)


def normalise_weights(weights: Sequence[float] | None, count: int) -> tuple[float, ...]:
    """Weights with the sum 1; equal sets of them give equal ones in any order.

    Args:
        weights: finite, >= 0, one of them above 0; None: all equal.
        count: members that have one each, >= 1.

    Raises:
        ValueError: if there is no member, or a weight is out of range, or their number is another.
    """
    if count < 1:
        raise ValueError("expected one member at least, got none")
    if weights is None:
        return (1.0 / count,) * count
    if len(weights) != count:
        raise ValueError(f"expected a weight for each of the {count} members, got {len(weights)}: {list(weights)}")
    total = math.fsum(weights)
    if not all(weight >= 0 and math.isfinite(weight) for weight in weights) or not total > 0:
        raise ValueError(f"expected weights of at least 0, not all of them 0, got {list(weights)}")
    return tuple(float(weight) / total for weight in weights)


class _Mean:
    """The mean of what is added to it, at each pixel of a frame."""

    def __init__(self, frame: Frame, space: Space) -> None:
        self._total = np.zeros((frame.height, frame.width), np.float32)
        self._weight = np.zeros_like(self._total)
        self._space = space

    def add(self, sampled: Sampled, fraction: float, *, step: int) -> None:
        """Add a view; `step` lies between its own levels (see `logit_table`)."""
        values, weights, rows, columns = sampled
        if self._space == "logit":
            values = logit_table(step)[values if values.dtype == np.uint16 else (values + 0.5).astype(np.uint16)]
        counted = np.float32(fraction) if weights is None else weights * np.float32(fraction)
        self._total[rows, columns] += values * counted
        self._weight[rows, columns] += counted

    def levels(self) -> Levels:
        """(H, W) the mean, halves rounded up (of logits: to the nearer end); 0 where nothing was added."""
        covered = self._weight > 0
        mean = np.divide(self._total, self._weight, out=self._total, where=covered)
        if self._space == "probability":
            return (mean + np.float32(0.5)).astype(np.uint16)
        return np.where(covered, _levels_of_logits(mean), np.float32(0)).astype(np.uint16)


@cache
def logit_table(step: int) -> Weights:
    """ln(p / (1 - p)) of all 65536 levels, of a map whose own levels lie `step` apart.

    Levels 0 and 65535 stand for a probability within half a step of 0 and 1: they are taken to be half a step away.

    Args:
        step: 1 for maps of 16 bits, 257 for those of 8 bits.
    """
    levels = np.arange(65536).clip(step / 2, 65535 - step / 2)
    table: Weights = np.log(levels / (65535 - levels)).astype(np.float32)
    table.setflags(write=False)
    return table


def _levels_of_logits(logits: Weights) -> Weights:
    """The nearest levels; halves, up to rounding, go to the nearer end, so that 0 and 65535 come back as themselves."""
    lesser = np.ceil(FULL / (1 + np.exp(np.abs(logits))) - np.float32(0.501))
    return np.where(logits < 0, lesser, FULL - lesser).astype(np.float32)


def _check_one_image(maps: Sequence[ImageMap]) -> None:
    first = maps[0].record
    for one in maps:
        record = one.record
        check_covers_image(one)
        if record.filename != first.filename:
            raise ValueError(f"expected maps of one image, got {first.filename} and {record.filename}")
        if (record.width_original, record.height_original) != (first.width_original, first.height_original):
            raise ValueError(
                f"{record.filename}: expected maps of one image, got one of {first.width_original} x "
                f"{first.height_original} px and one of {record.width_original} x {record.height_original} px"
            )
