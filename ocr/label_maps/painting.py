"""Polygons to the four training maps of DBNet.

One signed distance field per polygon gives all of them. With d(p) the distance from a pixel's centre to the polygon,
positive inside, and D the shrink distance: the shrunk polygon is {d >= D}, the dilated one {d >= -D} (offsets with
rounded corners, exactly, and no care is needed where an offset splits), the threshold label is 1 - |d| / D.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.geometry.polygons import Polygon
from ocr.label_maps.kernels import paint_polygons
from ocr.label_maps.shrinking import ShrunkPolygons, prepare_polygons

THRESHOLD_MIN, THRESHOLD_MAX = 0.3, 0.7
"""Threshold label at the shrink distance from a polygon and on the background, and on a polygon."""


class DBTargets(NamedTuple):
    """Training maps of one image, each uint8 (1, H, W)."""

    probability: npt.NDArray[np.uint8]  # 255 inside the shrunk polygons; a teacher's may lie between 0 and 255
    probability_mask: npt.NDArray[np.uint8]  # 1 where the probability loss counts
    threshold: npt.NDArray[np.uint8]  # 0 is THRESHOLD_MIN, 255 is THRESHOLD_MAX
    threshold_mask: npt.NDArray[np.uint8]  # 1 inside the dilated polygons, where the threshold loss counts


BACKGROUND = (0, 1, 0, 0)
"""What each of the maps holds where there is no text."""


def build_targets(
    polygons: Sequence[Polygon],
    ignore: Sequence[bool],
    height: int,
    width: int,
    *,
    shrink_ratio: float = 0.4,
) -> DBTargets:
    """Make the training maps of one image from float polygons (nothing is rounded before it is painted).

    Where polygons overlap the larger value wins. An ignored polygon takes its pixels out of the probability mask except
    those that a readable word also covers: CLEval, too, cuts readable words out of ignored regions. Polygons that are
    too small, enclose no area or cross themselves (bow ties) are handled as ignored ones; so are those whose shrunk
    polygon slips between the pixel centres, which would teach that their text is background. With no polygon at all
    the maps are all background, every pixel counts for the probability and none for the threshold.

    Args:
        polygons: (K, 2) each, px of the network's input; they may reach outside the image or lie outside of it.
        ignore: One flag per polygon; True = adds nothing to the probability, the threshold or the threshold mask.
        height: H, px.
        width: W, px.
        shrink_ratio: r of the shrink distance D = A (1 - r²) / L, in (0, 1).

    Returns:
        The four maps.

    Raises:
        ValueError: if there is not one flag per polygon, a polygon is not (K, 2) or not finite, a size or
            `shrink_ratio` is out of its range.

    Source:
        Liao et al., AAAI 2020 (arXiv 1911.08947), "Label generation". Departures: distances are taken at pixel centres
        (there: filled polygons rounded to integers); the threshold label uses the distance to the segments; what is too
        small has a short side below 3 px (in the authors' code: an upright box with a side below 8 px).
    """
    return paint_targets(prepare_polygons(polygons, ignore, shrink_ratio=shrink_ratio), height, width)


def paint_targets(shrunk: ShrunkPolygons, height: int, width: int) -> DBTargets:
    """Make the training maps of one image of `height` x `width` px from prepared polygons; see `build_targets`."""
    if height < 1 or width < 1:
        raise ValueError(f"expected a height and width of at least 1 px, got {height} x {width}")
    maps = DBTargets(*(np.full((1, height, width), background, np.uint8) for background in BACKGROUND))
    paint_polygons(*shrunk.polygons, shrunk.distances, *(values[0] for values in maps))
    return maps
