"""The weighted mean of several looks at an image, pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from ocr.geometry import Matrix
from ocr.postprocess.regions import full_scale
from ocr.probability_maps.logits import logit_table, mean_of_logits, to_logits
from ocr.probability_maps.placed_views import GridView, PlacedView, Region, ScaledView
from ocr.probability_maps.placement import place_view
from ocr.probability_maps.quantisation import to_16_bit
from ocr.probability_maps.resampling import Floats, Levels
from ocr.probability_maps.sums import add_values, add_weighted_values, mean_levels
from ocr.probability_maps.views import Frame, MapView, check_view, finest_frame, to_view

Space = Literal["probability", "logit"]

UNITS = float(2**36)
"""Weights are rounded to 2^-36 of their sum: times 16 bits, sums are whole numbers below 2^53, exact in any order."""
BAND_PIXELS = 65536
"""Worked on at a time: sums stay in the processor's cache."""


def fuse_views(
    views: Sequence[MapView],
    width_original: int,
    height_original: int,
    *,
    frame: Frame | None = None,
    space: Space = "probability",
) -> Levels:
    """Weighted mean of all that covers each pixel of an image; the order of the views does not matter.

    Only pixels whose centre lies inside the image are read: padding weighs nothing, nor does what lies outside a
    view. A view whose pixels are those of the frame is not resampled, a mirrored one neither; any other is, bilinearly,
    with pixel centres at half pixels, at the image's edge by its outermost pixels, and averaged over areas first
    where it has two or more pixels per pixel of the frame. A single view that is the frame comes back to the bit.

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
    fractions = normalise_weights([view.weight for view in views])
    used = [(view, fraction) for view, fraction in zip(views, fractions, strict=True) if fraction > 0]
    for view, _ in used:
        check_view(view)
    frame = frame or finest_frame([view for view, _ in used], width_original, height_original)
    matrices = [to_view(view, frame, width_original, height_original) for view, _ in used]
    placed = [_place(*one, matrix, frame, space) for one, matrix in zip(used, matrices, strict=True)]
    members = [member for member in placed if member is not None]
    if len(members) == 1 and members[0].is_everywhere and isinstance(members[0].view, GridView):
        return members[0].view.levels.copy()
    return _fuse(members, frame, space)


def normalise_weights(weights: Sequence[float]) -> list[float]:
    """Weights with the sum 1; equal sets of them give equal ones in any order.

    Raises:
        ValueError: if one is negative or not finite, or none is above 0.
    """
    total = math.fsum(weights)
    if not all(weight >= 0 and math.isfinite(weight) for weight in weights) or not total > 0:
        raise ValueError(f"expected weights of at least 0, not all of them 0, got {list(weights)}")
    return [float(weight) / total for weight in weights]


class _Member(NamedTuple):
    """A view in its place."""

    view: PlacedView
    unit: float  # its weight, of `UNITS` in all
    table: Floats | None  # logits of its levels, where logits are averaged
    is_everywhere: bool  # whether it counts the same at all pixels


def _place(view: MapView, fraction: float, matrix: Matrix, frame: Frame, space: Space) -> _Member | None:
    """Put a view into the frame; None where it shows nothing of it."""
    placed = place_view(to_16_bit(view.probability), view.window, matrix, frame.width, frame.height)
    if placed is None:
        return None
    step = 257 if full_scale(view.probability) == 255 else 1
    is_even = isinstance(placed, ScaledView) or (isinstance(placed, GridView) and placed.window is None)
    return _Member(
        placed,
        float(round(fraction * UNITS)),
        logit_table(step) if space == "logit" else None,
        is_even and placed.region == Region(0, frame.height, 0, frame.width),
    )


def _fuse(members: Sequence[_Member], frame: Frame, space: Space) -> Levels:
    """Band by band."""
    levels = np.empty((frame.height, frame.width), np.uint16)
    finish = mean_levels if space == "probability" else mean_of_logits
    everywhere = float(sum(member.unit for member in members if member.is_everywhere))
    rows = min(frame.height, max(1, BAND_PIXELS // frame.width))
    total, fraction = np.empty((rows, frame.width)), np.full((rows, frame.width), everywhere)
    is_partial = not all(member.is_everywhere for member in members)
    for top in range(0, frame.height, rows):
        band = levels[top : top + rows]
        total.fill(0.0)
        if is_partial:
            fraction.fill(everywhere)
        for member in members:
            _add(member, total, fraction, top, top + len(band))
        finish(total, fraction, band)
    return levels


def _add(member: _Member, total: Floats, fraction: Floats, top: int, bottom: int) -> None:
    """Add a member's part of the rows from `top` to `bottom` to the sums over them."""
    region = member.view.region
    first, last = max(top, region.top), min(bottom, region.bottom)
    if first >= last:
        return
    values, weights = member.view.sample(first, last)
    if member.table is not None:
        values = to_logits(values, member.table)
    if weights is not None:
        add_weighted_values(total, fraction, first - top, region.left, values, weights, member.unit)
        return
    add_values(total, first - top, region.left, values, member.unit)
    if not member.is_everywhere:
        fraction[first - top : last - top, region.left : region.right] += member.unit
