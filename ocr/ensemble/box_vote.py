"""One list of polygons out of several members' lists: a vote on each word, never an average of polygons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ocr.ensemble.clusters import cluster_polygons
from ocr.geometry.polygons import Polygon
from ocr.postprocess import Detections
from ocr.probability_maps.fusion import normalise_weights
from ocr.submission import PredictedImage

ROUNDING = 1e-9
"""Sums of weights that are closer than this are equal: 0.1 + 0.2 has as many votes as 0.3."""


def vote_polygons(
    members: Sequence[PredictedImage],
    weights: Sequence[float] | None = None,
    *,
    vote: float | None = None,
    iou_threshold: float = 0.5,
) -> Detections:
    """Keep the words of one image that enough members found, each as its best member drew it.

    Polygons are ranked by score, then by weight of their member, then by place in their list; where some member has no
    scores, by weight, then by the order of members, then by place. In this order each begins a group, which takes the
    most overlapping polygon of each other member (`cluster_polygons`). A group stands for its first polygon, and has
    the weight of its members as votes.

    Args:
        members: M lists, px of the original image, best first. A polygon without area agrees with no other.
        weights: (M,) >= 0, one of them above 0; None: all equal. Members of weight 0 are skipped.
        vote: fraction of the weight that must agree, in (0, 1]; None: more than half of it.
        iou_threshold: lowest IoU of polygons that mean the same word, in (0, 1).

    Returns:
        The polygons that stay, unchanged. Their scores are the weighted means of the members' scores, where 0 counts
        for a member that did not find the word, or without scores the fraction of the weight that agrees; highest
        first, equal ones as ranked. One member alone, and equal members, come back as they are. The order of the
        members matters to nothing where all have scores.

    Raises:
        ValueError: if `vote`, `iou_threshold` or the weights are out of range.
    """
    fractions = normalise_weights(weights, len(members))
    check_vote(vote, iou_threshold)
    ranked = _rank([(member, fraction) for member, fraction in zip(members, fractions, strict=True) if fraction > 0.0])
    groups = cluster_polygons(ranked.polygons, ranked.members, iou_threshold)
    votes = np.bincount(groups, weights=ranked.weights, minlength=len(groups))
    support = np.bincount(groups, weights=ranked.weights * ranked.scores, minlength=len(groups))
    enough = votes > 0.5 + ROUNDING if vote is None else votes >= vote - ROUNDING
    kept = np.flatnonzero(enough & (groups == np.arange(len(groups))))
    scores = support[kept].astype(np.float32)
    order = np.argsort(-scores, kind="stable")
    return Detections([ranked.polygons[index] for index in kept[order]], scores[order])


def check_vote(vote: float | None, iou_threshold: float) -> None:
    """Refuse what cannot be a fraction of votes, or an overlap.

    Raises:
        ValueError: if `vote` is outside (0, 1] and not None, or `iou_threshold` outside (0, 1).
    """
    if vote is not None and not 0.0 < vote <= 1.0:
        raise ValueError(f"expected vote in (0, 1], the fraction of the weight that must agree, got {vote}")
    if not 0.0 < iou_threshold < 1.0:
        raise ValueError(f"expected iou_threshold in (0, 1), got {iou_threshold}")


class _Ranked(NamedTuple):
    """N polygons, best first; the scores are 1 where some member has none."""

    polygons: list[Polygon]
    members: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float64]


def _rank(weighted: Sequence[tuple[PredictedImage, float]]) -> _Ranked:
    """All polygons of the members in the order in which they begin groups."""
    polygons = [polygon for member, _ in weighted for polygon in member.polygons]
    counts = [len(member.polygons) for member, _ in weighted]
    owners = np.repeat(np.arange(len(weighted)), counts)
    weights = np.repeat([weight for _, weight in weighted], counts)
    given = [member.scores for member, _ in weighted if member.scores is not None]
    if len(given) == len(weighted):
        scores = np.concatenate(given).astype(np.float64)
        places = [place for member, _ in weighted for place in range(len(member.polygons))]
        content = [polygon.tobytes() for polygon in polygons]  # the last resort: none of it asks who comes first
        order = sorted(range(len(polygons)), key=list(zip(-scores, -weights, places, content, strict=True)).__getitem__)
    else:
        scores = np.ones(len(polygons))
        order = np.argsort(-weights, kind="stable").tolist()
    return _Ranked([polygons[index] for index in order], owners[order], weights[order], scores[order])
