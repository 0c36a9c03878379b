"""The middle of what is as good as the best: settings that hold on other images too."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from scipy.ndimage import uniform_filter

from ocr.geometry.packed import BoolArray, FloatArray


class Plateau(NamedTuple):
    """Cells of an (A, B) grid that are as good as the best one and connected with it."""

    centre: tuple[int, int]  # row and column of the cell to take
    peak: tuple[int, int]  # of the cell that is best together with its neighbours, the first of such
    inside: BoolArray  # (A, B), true at both


def as_good_as_best(scores: FloatArray, before: FloatArray) -> BoolArray:
    """Which settings lose no more against the best one than the choice of images can explain.

    The tolerance is the bootstrap's standard error of the best one's gain over what was there before: which images were
    labelled moves that gain by as much. The gain is paired image by image; the mean itself moves many times as far.
    It is one number for all settings: by an error of its own, a setting would be let in for being erratic.

    Args:
        scores: (S, N) score of each of S >= 1 settings on each of N >= 1 images.
        before: (N,) score of the settings before.

    Returns:
        (S,), true at the best setting and at those whose mean equals its.

    Source:
        The one-standard-error rule of Breiman et al., "Classification and Regression Trees", 1984, section 3.4.3.
        Departure: the error is that of paired differences.
    """
    means = scores.mean(axis=1)
    best = int(np.argmax(means))
    tolerance = (scores[best] - before).std() / np.sqrt(len(before))
    return np.asarray(means >= means[best] - tolerance - 1e-12, dtype=np.bool_)


def find_plateau(scores: FloatArray, before: FloatArray) -> Plateau:
    """The plateau around the peak of a grid, and its centre.

    A cell counts with its eight neighbours (the border is repeated): the mean of the nine. A cell that stands out alone
    owes that to these images. The centre is the cell that is farthest from any cell outside of the plateau, the border
    of the grid being outside; of several the one nearest to the plateau's centroid, then the best one.

    Args:
        scores: (A, B, N) score of each cell on each of N >= 1 images.
        before: (N,) score of the settings before.
    """
    rows, columns, images = scores.shape
    smooth = uniform_filter(scores, size=(3, 3, 1), mode="nearest")
    good = as_good_as_best(smooth.reshape(rows * columns, images), before).reshape(rows, columns)
    means = smooth.mean(axis=2)
    row, column = divmod(int(np.argmax(means)), columns)
    _, labels = cv2.connectedComponents(good.astype(np.uint8), connectivity=4)
    inside = labels == labels[row, column]
    return Plateau(_deepest(inside, means), (row, column), inside)


def _deepest(inside: BoolArray, means: FloatArray) -> tuple[int, int]:
    """The cell of a region farthest from its outside, then nearest to its centroid, then best."""
    padded = np.pad(inside.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    cells = np.argwhere(inside & (depth >= depth.max() - 1e-3))
    away = np.square(cells - np.argwhere(inside).mean(axis=0)).sum(axis=1)
    order = np.lexsort((-means[cells[:, 0], cells[:, 1]], away.round(9)))
    row, column = cells[order[0]].tolist()
    return row, column


def central_trial(places: FloatArray, scores: FloatArray) -> int:
    """Which of scattered settings to take: the first if it is as good as the best, else the middle of those that are.

    Args:
        places: (S, D) where each setting lies, in units that may be compared; the first is where the search began.
        scores: (S, N) score of each setting on each image.

    Returns:
        Index of the first setting, which nothing speaks against, or of that with the smallest mean distance to all
        others that are as good as the best (their medoid: it was itself scored), the best of equal ones.
    """
    good = np.flatnonzero(as_good_as_best(scores, scores[0]))
    if 0 in good:
        return 0
    members = places[good]
    distances = np.linalg.norm(members[:, None] - members[None], axis=2).mean(axis=1)
    order = np.lexsort((-scores[good].mean(axis=1), distances.round(9)))
    return int(good[order[0]])
