"""Connected regions of a probability map, each with its outline and its score."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

ProbabilityMap = npt.NDArray[np.float32] | npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""(H, W) probabilities: float32 in [0, 1], or uint8 / uint16 with 255 / 65535 for 1."""


class Region(NamedTuple):
    """One connected region of the binarised map, its holes filled."""

    contour: npt.NDArray[np.int32]  # (N, 2) outer boundary through pixel indices: their centres lie 0.5 px further
    pixels: int  # how many pixels it covers, holes included
    score: float  # mean probability over those pixels, in [0, 1]


def full_scale(probability: ProbabilityMap) -> int:
    """The value that stands for probability 1: 1 for float32, 255 for uint8, 65535 for uint16.

    Raises:
        ValueError: if the map is not (H, W) or of another type.
    """
    scales = {"float32": 1, "uint8": 255, "uint16": 65535}
    if probability.ndim != 2 or probability.dtype.name not in scales:
        raise ValueError(
            "expected a probability map of shape (H, W) and type float32, uint8 or uint16, "
            f"got {probability.shape} {probability.dtype}: pass one image's map, without its channel"
        )
    return scales[probability.dtype.name]


def binarise(probability: ProbabilityMap, thresh: float) -> npt.NDArray[np.uint8]:
    """Pixels above `thresh` as 1, uint8 (H, W); integer maps are compared as they are.

    Args:
        probability: (H, W), see `ProbabilityMap`; NaN counts as below.
        thresh: In [0, 1].
    """
    level = thresh * full_scale(probability)
    cut = np.float32(level) if probability.dtype.kind == "f" else probability.dtype.type(np.floor(level + 1e-6))
    above: npt.NDArray[np.uint8] = (probability > cut).view(np.uint8)
    return above


def find_regions(probability: ProbabilityMap, thresh: float, box_thresh: float) -> list[Region]:
    """Regions above `thresh` (8-connected) with a score of at least `box_thresh`, best score first.

    A hole is no region, but a region inside another's hole is one. The score is the mean over the region's own pixels
    with its holes filled, which is the paper's polygon score, not its faster one over the upright bounding box.

    Args:
        probability: (H, W), see `ProbabilityMap`.
        thresh: Pixels above it belong to regions, in [0, 1].
        box_thresh: Regions with a lower score are dropped, in [0, 1].

    Returns:
        The regions; equal scores in reading order of their first pixel. Empty where no pixel is above `thresh`.
    """
    scale = full_scale(probability)
    contours, hierarchy = cv2.findContours(binarise(probability, thresh), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    regions = []
    for index in np.flatnonzero(hierarchy[0, :, 3] < 0).tolist() if len(contours) else ():
        contour = contours[index]
        x, y, width, height = cv2.boundingRect(contour)
        filled = np.zeros((height, width), np.uint8)
        cv2.drawContours(filled, [contour], 0, 1, cv2.FILLED, offset=(-x, -y))
        score = cv2.mean(probability[y : y + height, x : x + width], filled)[0] / scale
        if score >= box_thresh:
            regions.append(Region(contour.reshape(-1, 2).astype(np.int32, copy=False), cv2.countNonZero(filled), score))
    regions.sort(key=lambda region: (-region.score, region.contour[0, 1], region.contour[0, 0]))
    return regions
