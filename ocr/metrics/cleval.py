"""CLEval of the leaderboard: character-level detection score of one image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr.geometry.packed import BoolArray, FloatArray, IntArray, PackedPolygons, pick_polygons
from ocr.geometry.polygons import Polygon
from ocr.metrics.cleval_characters import character_centres, count_characters
from ocr.metrics.cleval_coverage import Inclusions, area_precision, centres_inside
from ocr.metrics.scorable import Flags, pack_ground_truth, pack_scorable

MAX_DETECTIONS = 500
AREA_PRECISION_THRESHOLD = 0.3


@dataclass(frozen=True)
class CLEvalScore:
    """CLEval of one image.

    Attributes:
        recall: max(0, tp_chars - recall_penalty) / gt_chars, in [0, 1].
        precision: max(0, tp_chars - precision_penalty) / det_chars, in [0, 1].
        hmean: 2 P R / (P + R), in [0, 1].
        gt_chars: pseudo-characters of the ground truths that count.
        det_chars: included centres, repeated ones too, and the characters of the false positives.
        fp_chars: characters of the false positives.
        tp_chars: centres included once.
        recall_penalty: detections beyond the first of each ground truth.
        precision_penalty: ground truths beyond the first of each detection.
        splits: ground truths matched with several detections.
        merges: detections matched with several ground truths.
        overlapped_chars: centres met again.
    """

    recall: float
    precision: float
    hmean: float
    gt_chars: int
    det_chars: int
    fp_chars: int
    tp_chars: int
    recall_penalty: int
    precision_penalty: int
    splits: int
    merges: int
    overlapped_chars: int


def cleval(ground_truth: Sequence[Polygon], ignore: Flags, detections: Sequence[Polygon]) -> CLEvalScore:
    """Score one image's detections.

    An image with neither ground truths nor detections scores 0, as does one without detections or where all ground
    truths are ignored: every divisor of 0 gives 0.

    Args:
        ground_truth: polygons (K, 2), px; those with fewer than four points are skipped, collinear ones count.
        ignore: one flag per ground truth; true ones count on neither side.
        detections: polygons (K, 2), px, best first; only the first 500 count, and of those only the ones with four
            points or more.

    Raises:
        ValueError: if the flags are not one per ground truth, or a polygon is not a finite (K, 2) array.

    Source:
        Baek et al., arXiv 2006.06244, in the variant of the receipt competition: quads are plain polygons, a false
        positive costs up to 100 characters, coordinates are truncated for areas and inclusion.
    """
    words, ignored = pack_ground_truth(ground_truth, ignore)
    found = pack_scorable(detections[:MAX_DETECTIONS])
    characters = count_characters(words)
    words_truncated, found_truncated = _truncate(words), _truncate(found)
    inclusions = centres_inside(character_centres(words, characters), found_truncated)
    precision = area_precision(words_truncated, ignored, found_truncated, inclusions.counts)
    rejected = ignored_detections(precision, inclusions.counts, ignored)
    matched = match_pairs(precision, inclusions.counts, ~ignored, ~rejected)
    unmatched = np.flatnonzero(~rejected & ~matched.any(axis=0))
    fp_chars = int(count_characters(pick_polygons(found, unmatched), false_positives=True).sum())
    return _count(matched, inclusions, int(characters[~ignored].sum()), fp_chars)


def _truncate(polygons: PackedPolygons) -> PackedPolygons:
    """The same polygons with coordinates truncated towards zero, for areas and inclusion."""
    return polygons._replace(points=np.trunc(polygons.points))


def ignored_detections(precision: FloatArray, included: IntArray, ignored: BoolArray) -> BoolArray:
    """(M,) detections that lie in ignored regions and count on neither side (step 5).

    Args:
        precision: (N, M) area precision.
        included: (N, M) centres of g in d.
        ignored: (N,) flags of the ground truths.
    """
    covered = precision[ignored]
    in_one = (covered >= AREA_PRECISION_THRESHOLD).any(axis=0)
    in_several = np.where(included[ignored] > 0, covered, 0.0).sum(axis=0) >= AREA_PRECISION_THRESHOLD
    return np.asarray(in_one | in_several, dtype=np.bool_)


def match_pairs(precision: FloatArray, included: IntArray, valid_words: BoolArray, valid_found: BoolArray) -> BoolArray:
    """(N, M) pairs matched one to one, one to many or many to one (step 6).

    Args:
        precision: (N, M) area precision.
        included: (N, M) centres of g in d.
        valid_words: (N,) ground truths that are not ignored.
        valid_found: (M,) detections that are not ignored.
    """
    valid = valid_words[:, None] & valid_found
    touches = (precision >= AREA_PRECISION_THRESHOLD) & (included > 0)
    alone = (touches.sum(axis=1, keepdims=True) == 1) & (touches.sum(axis=0) == 1)
    one_to_one = touches & alone & valid

    touching = touches & valid
    split = touching.sum(axis=1) >= 2
    one_to_many = touching & split[:, None]

    holds = (included > 0) & valid
    covered = np.where(holds, precision, 0.0).sum(axis=0)
    merged = (holds.sum(axis=0) >= 2) & (covered >= AREA_PRECISION_THRESHOLD)
    many_to_one = holds & merged
    return np.asarray(one_to_one | one_to_many | many_to_one, dtype=np.bool_)


def _count(matched: BoolArray, inclusions: Inclusions, gt_chars: int, fp_chars: int) -> CLEvalScore:
    """Counts, penalties and ratios of the matched pairs (step 7)."""
    included = int(inclusions.counts[matched].sum())
    tp_chars = inclusions.centres_in(matched)
    partners_of_words, partners_of_found = matched.sum(axis=1), matched.sum(axis=0)
    recall_penalty = int(np.maximum(partners_of_words - 1, 0).sum())
    precision_penalty = int(np.maximum(partners_of_found - 1, 0).sum())
    det_chars = included + fp_chars
    recall = max(0, tp_chars - recall_penalty) / gt_chars if gt_chars else 0.0
    precision = max(0, tp_chars - precision_penalty) / det_chars if det_chars else 0.0
    return CLEvalScore(
        recall=recall,
        precision=precision,
        hmean=harmonic_mean(precision, recall),
        gt_chars=gt_chars,
        det_chars=det_chars,
        fp_chars=fp_chars,
        tp_chars=tp_chars,
        recall_penalty=recall_penalty,
        precision_penalty=precision_penalty,
        splits=int((partners_of_words > 1).sum()),
        merges=int((partners_of_found > 1).sum()),
        overlapped_chars=included - tp_chars,
    )


def harmonic_mean(precision: float, recall: float) -> float:
    """H = 2 P R / (P + R), in [0, 1]; 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
