"""One generated slice: a cell, perhaps with a defect, as a scanner shows it."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from synthetic.slices.anatomy import build_anatomy
from synthetic.slices.cells import CellKind, draw_cell
from synthetic.slices.defects import Box, draw_bump, draw_crack, draw_inclusion, mask_box
from synthetic.slices.scanner import scan

DefectKind = Literal["crack", "inclusion", "deformation"]
DEFECT_KINDS: tuple[DefectKind, ...] = get_args(DefectKind)
MIN_SIZE = 64
_PLACES = 96  # resolution at which places for defects are drawn, the same for all sizes


class GeneratedSlice(NamedTuple):
    """A slice and what is known of it."""

    image: npt.NDArray[np.uint8]  # (S, S) grey
    cell: CellKind
    defect: DefectKind | None
    box: Box | None  # of the defect


def generate_slice(
    seed: int, index: int, *, size: int = 512, defect: DefectKind | None = None, growth: float = 1.0
) -> GeneratedSlice:
    """Draws slice `index`; with another defect, or none, it is the same cell in the same scan.

    Args:
        seed: of all slices, >= 0.
        index: of this one, >= 0.
        size: side in pixels, at least 64; what is drawn scales with it.
        defect: what is wrong with the cell, or None.
        growth: draws the defect so many times as large.

    Raises:
        ValueError: if `size` is below 64.
    """
    if size < MIN_SIZE:
        raise ValueError(f"expected slices of at least {MIN_SIZE} pixels, got {size}")
    for_cell, for_defect, for_scan = (np.random.default_rng((seed, index, stream)) for stream in range(3))
    cell = draw_cell(for_cell)
    places = build_anatomy(cell, _PLACES).layers
    bump = draw_bump(cell, places, for_defect, growth) if defect == "deformation" else None
    density, layers = build_anatomy(cell, size, bump)
    box = None if bump is None else bump.box(size)
    if defect == "crack":
        crack = draw_crack(layers, places, for_defect, growth)
        density = density * (1 - np.float32(for_defect.uniform(0.55, 0.9)) * crack)
        box = mask_box(crack)
    elif defect == "inclusion":
        particle = draw_inclusion(size, places, for_defect, growth)
        density = density + particle * (np.float32(for_defect.uniform(0.95, 1.25)) - density)
        box = mask_box(particle)
    return GeneratedSlice(scan(density, for_scan), cell.kind, defect, box)
