"""Scores of many post-processing settings on the same probability maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from baseline_code.threads import map_in_order
from baseline_code.tracking import Track, silent
from ocr.annotations.records import ImageRecord
from ocr.geometry.polygons import Polygon
from ocr.metrics import cleval, match_iou
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import ImageMap, read_words

Settings = Mapping[str, Any]
"""Arguments of `DBPostProcess`; those left out keep their defaults."""


class GridScores(NamedTuple):
    """Scores of each of S settings on each of N images: (S, N) float64 each."""

    precision: npt.NDArray[np.float64]  # CLEval's, in [0, 1], as are the next two
    recall: npt.NDArray[np.float64]
    hmean: npt.NDArray[np.float64]
    matched: npt.NDArray[np.float64]  # pairs at an IoU above 0.5; NaN where the IoU was not asked for
    counted: npt.NDArray[np.float64]  # ground truths and detections that count for the IoU; likewise


def score_grid(
    maps: Sequence[ImageMap], grid: Sequence[Settings], *, iou: bool = False, threads: int = 2, track: Track = silent
) -> GridScores:
    """Post-process and score every map with every setting; the network is not asked again.

    Settings that differ in `box_thresh` alone need one pass over a map: detections are sorted by score, so those of
    the higher threshold are the first ones of the lower one's. Equal numbers of them have equal scores, counted once.

    Args:
        maps: N maps, with their labels in the records.
        grid: S settings.
        iou: also match by the IoU, which takes a third as long again.
        threads: maps worked on at a time.
        track: shows the maps as they are scored.

    Returns:
        The scores, row by row in the order of the grid, column by column in that of the maps.

    Raises:
        ValueError: if a setting is out of its range, or a map is of another type or shape; it names the image.
    """
    groups = _group(grid)
    scored = map_in_order(lambda one: _score_map(one, groups, len(grid), iou=iou), maps, threads)
    columns = list(track(scored, "maps", len(maps)))
    scores = np.array(columns).reshape(len(maps), len(grid), len(GridScores._fields)).transpose(2, 1, 0)
    return GridScores(*scores)


class _Group(NamedTuple):
    """Settings that differ in `box_thresh` alone."""

    postprocess: DBPostProcess  # with the lowest of the thresholds
    box_thresholds: list[tuple[int, float]]  # index in the grid, box_thresh


def _group(grid: Sequence[Settings]) -> list[_Group]:
    alike: dict[tuple[tuple[str, Any], ...], list[tuple[int, float]]] = {}
    for index, settings in enumerate(grid):
        complete = DBPostProcess(**settings)  # refuses what is out of range
        others = sorted((name, value) for name, value in vars(complete).items() if name != "box_thresh")
        alike.setdefault(tuple(others), []).append((index, complete.box_thresh))
    return [
        _Group(DBPostProcess(**dict(others), box_thresh=min(value for _, value in values)), values)
        for others, values in alike.items()
    ]


def _score_map(labelled: ImageMap, groups: Sequence[_Group], settings: int, *, iou: bool) -> npt.NDArray[np.float64]:
    """(S, 5) fields of `GridScores` of one map."""
    record = labelled.record
    rows = np.zeros((settings, len(GridScores._fields)))
    for group in groups:
        found = read_words(labelled, group.postprocess)
        scored: dict[int, tuple[float, ...]] = {}
        for index, box_thresh in group.box_thresholds:
            kept = int(np.count_nonzero(found.scores >= np.float32(box_thresh)))
            if kept not in scored:
                scored[kept] = _score(record, found.polygons[:kept], iou=iou)
            rows[index] = scored[kept]
    return rows


def _score(record: ImageRecord, found: Sequence[Polygon], *, iou: bool) -> tuple[float, ...]:
    """The fields of `GridScores` of one image's detections."""
    characters = cleval(record.polygons, record.ignore, found)
    counts = (np.nan, np.nan)
    if iou:
        boxes = match_iou(record.polygons, record.ignore, found)
        counts = boxes.matched, boxes.ground_truths + boxes.detections
    return characters.precision, characters.recall, characters.hmean, *counts
