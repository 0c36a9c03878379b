"""The leaderboard's CLEval of one image as it is described: one polygon, one pair and one character after the other."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import ConvexHull, QhullError

Floats = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.bool_]
Box = tuple[float, ...]

EPSILON = float(np.finfo(np.float32).eps)


def published_cleval(
    ground_truth: Sequence[npt.ArrayLike], ignore: Sequence[bool], detections: Sequence[npt.ArrayLike]
) -> dict[str, float]:
    """All numbers of the score, by name; polygons are (K, 2)."""
    flagged = [
        (np.asarray(polygon, np.float64), bool(flag)) for polygon, flag in zip(ground_truth, ignore, strict=True)
    ]
    words, ignored = [word for word, _ in flagged if len(word) >= 4], [flag for word, flag in flagged if len(word) >= 4]
    found = [polygon for polygon in (np.asarray(one, np.float64) for one in detections[:500]) if len(polygon) >= 4]

    lengths = [word_characters(aspect_ratio(word)) for word in words]
    centres = [character_centres(word, length) for word, length in zip(words, lengths, strict=True)]
    polygons = [np.trunc(polygon) for polygon in found]
    word_boxes, found_boxes = (
        [bounding_box(points) for points in centres],
        [bounding_box(points) for points in polygons],
    )
    holds = {
        (g, d): [c for c, (x, y) in enumerate(centres[g]) if is_inside(x, y, polygons[d])]
        for g in range(len(words))
        for d in range(len(found))
        if boxes_touch(word_boxes[g], found_boxes[d])
    }
    included = np.zeros((len(words), len(found)), np.int64)
    for pair, characters in holds.items():
        included[pair] = len(characters)
    precision = area_precision([np.trunc(word) for word in words], ignored, polygons)

    rejected = [is_ignored(d, precision, included, ignored) for d in range(len(found))]
    matched = match(precision, included, ignored, rejected)
    return count(matched, holds, lengths, ignored, rejected, found)


def aspect_ratio(polygon: Floats) -> float:
    """Step 1."""
    points = polygon.astype(np.float32)
    try:
        hull = points[ConvexHull(points).vertices].astype(np.float64)
    except QhullError:
        return 0.0
    rectangles = []
    for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        along = (end - start) / np.hypot(*(end - start))
        across = np.array([-along[1], along[0]])
        rectangles.append((np.ptp(hull @ along), np.ptp(hull @ across)))
    smallest = min(width * height for width, height in rectangles)
    width, height = next(sides for sides in rectangles if sides[0] * sides[1] <= smallest + 1e-9)
    return min(100.0, height / (width + EPSILON))


def word_characters(ratio: float) -> int:
    """Step 2; Python rounds half to even."""
    return min(round(0.5 + max(ratio, 1 / (ratio + EPSILON))), 100)


def false_positive_characters(ratio: float) -> int:
    """Step 7."""
    return min(round(0.5 + 1 / (EPSILON + ratio)), 100)


def character_centres(polygon: Floats, length: int) -> list[Floats]:
    """Step 2: both lines in steps, `length` of them for each section, and the middle of each character's four ends."""
    half = len(polygon) // 2
    top, bottom = in_steps(polygon[:half], length), in_steps(polygon[half:][::-1], length)
    centres = []
    for character in range(length):
        ends = []
        for line in (top, bottom):
            steps = len(line) - 1
            ends += [line[character * steps // length], line[(character + 1) * steps // length]]
        centres.append(sum(ends) / 4)
    return centres


def in_steps(line: Floats, length: int) -> list[Floats]:
    points = [line[0]]
    for start, end in pairwise(line):
        points += [np.trunc(start + (end - start) / length * step) for step in range(1, length)]
        points.append(end)
    return points


def bounding_box(points: Sequence[Floats] | Floats) -> Box:
    return (*np.min(points, axis=0).tolist(), *np.max(points, axis=0).tolist())


def boxes_touch(box: Box, other: Box) -> bool:
    """Whether two boxes, xyxy, are near enough for a look at what they hold."""
    return box[0] <= other[2] and box[2] >= other[0] and box[1] <= other[3] and box[3] >= other[1]


def is_inside(x: float, y: float, polygon: Floats) -> bool:
    """Step 4: even-odd, left and top edges inside."""
    inside = False
    for (x_start, y_start), (x_end, y_end) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if (y_start > y) != (y_end > y) and x < (x_end - x_start) * (y - y_start) / (y_end - y_start) + x_start:
            inside = not inside
    return inside


def region(polygon: Floats) -> shapely.Geometry:
    """A valid even-odd shape of a polygon; without area where it is a line."""
    shape = shapely.Polygon(polygon)
    return shape if shape.is_valid else shapely.make_valid(shape).buffer(0)


def shoelace(polygon: Floats) -> float:
    x, y = polygon.T
    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def area_precision(words: Sequence[Floats], ignored: Sequence[bool], found: Sequence[Floats]) -> Floats:
    """Steps 3 and 5, for every pair."""
    regions = [region(word) for word in words]
    for g, shape in enumerate(regions):
        for other in range(len(words)):
            if ignored[g] and not ignored[other]:
                shape = shape.difference(region(words[other]))
        regions[g] = shape
    spots = [region(polygon) for polygon in found]
    areas = [shoelace(polygon) for polygon in found]
    precision = np.zeros((len(words), len(found)))
    for g in range(len(words)):
        for d in range(len(found)):
            precision[g, d] = regions[g].intersection(spots[d]).area / areas[d] if areas[d] > 0 else 0.0
    return precision


def is_ignored(d: int, precision: Floats, included: npt.NDArray[np.int64], ignored: Sequence[bool]) -> bool:
    """Step 5."""
    covered = [precision[g, d] for g in range(len(ignored)) if ignored[g]]
    held = [precision[g, d] for g in range(len(ignored)) if ignored[g] and included[g, d] > 0]
    return any(fraction >= 0.3 for fraction in covered) or sum(held) >= 0.3


def match(
    precision: Floats, included: npt.NDArray[np.int64], ignored: Sequence[bool], rejected: Sequence[bool]
) -> Pairs:
    """Step 6: (N, M) matched pairs."""
    words = [g for g in range(len(ignored)) if not ignored[g]]
    found = [d for d in range(len(rejected)) if not rejected[d]]
    touches = (precision >= 0.3) & (included > 0)
    matched = np.zeros(touches.shape, bool)
    for g in words:
        for d in found:
            if touches[g, d] and touches[g].sum() == 1 and touches[:, d].sum() == 1:
                matched[g, d] = True
        touched = [d for d in found if touches[g, d]]
        if len(touched) >= 2:
            matched[g, touched] = True
    for d in found:
        held = [g for g in words if included[g, d] > 0]
        if len(held) >= 2 and sum(precision[g, d] for g in held) >= 0.3:
            matched[held, d] = True
    return matched


def count(
    matched: Pairs,
    holds: Mapping[tuple[int, int], Sequence[int]],
    lengths: Sequence[int],
    ignored: Sequence[bool],
    rejected: Sequence[bool],
    found: Sequence[Floats],
) -> dict[str, float]:
    """Step 7."""
    seen, included, overlapped, fp_chars = set(), 0, 0, 0
    for d, polygon in enumerate(found):
        if rejected[d]:
            continue
        partners = np.flatnonzero(matched[:, d])
        if len(partners) == 0:
            fp_chars += false_positive_characters(aspect_ratio(polygon))
        for g in partners:
            for character in holds[g, d]:
                included += 1
                overlapped += (g, character) in seen
                seen.add((g, character))
    tp_chars, det_chars = len(seen), included + fp_chars
    gt_chars = sum(length for length, skip in zip(lengths, ignored, strict=True) if not skip)
    splits, merges = matched.sum(axis=1), matched.sum(axis=0)
    recall_penalty, precision_penalty = int(sum(splits[splits > 1] - 1)), int(sum(merges[merges > 1] - 1))
    recall = max(0, tp_chars - recall_penalty) / gt_chars if gt_chars else 0.0
    precision = max(0, tp_chars - precision_penalty) / det_chars if det_chars else 0.0
    return {
        "recall": recall,
        "precision": precision,
        "hmean": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "gt_chars": gt_chars,
        "det_chars": det_chars,
        "fp_chars": fp_chars,
        "tp_chars": tp_chars,
        "recall_penalty": recall_penalty,
        "precision_penalty": precision_penalty,
        "splits": int((splits > 1).sum()),
        "merges": int((merges > 1).sum()),
        "overlapped_chars": overlapped,
    }
