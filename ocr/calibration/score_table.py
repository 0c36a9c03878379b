"""Scores of settings on images, each computed once, however often a search asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from baseline_code.tracking import Track, silent
from ocr.calibration.grid import GridScores, Settings, score_grid
from ocr.calibration.objective import objective
from ocr.geometry.packed import FloatArray
from ocr.probability_maps import ImageMap
from ocr.statistics import Images

Scorer = Callable[[Sequence[Settings], Images], FloatArray]
"""(S, n) of each of S settings on each of n images, higher is better."""


class ScoreTable:
    """Scores of any settings on the same labelled maps, remembered.

    Args:
        maps: N labelled maps, kept in memory: some 2 bytes for each pixel of 16-bit ones.
        fixed: arguments of `DBPostProcess` that no setting changes.
        iou_weight: of the objective.
        threads: maps worked on at a time.
    """

    def __init__(self, maps: Sequence[ImageMap], fixed: Settings, *, iou_weight: float = 0.0, threads: int = 2) -> None:
        self._iou_weight = iou_weight
        self._maps = maps
        self._fixed = dict(fixed)
        self._threads = threads
        self._rows: dict[tuple[tuple[str, Any], ...], FloatArray] = {}

    def __len__(self) -> int:
        """Number of images."""
        return len(self._maps)

    def objective(self, grid: Sequence[Settings], images: Images) -> FloatArray:
        """(S, n) `objective` of these images alone; a `Scorer`."""
        return objective(self.scores(grid, images), self._iou_weight)

    def scores(self, grid: Sequence[Settings], images: Images, *, track: Track = silent) -> GridScores:
        """All scores, (S, n) each.

        Args:
            grid: S settings.
            images: n indices of maps.
            track: shows the maps as they are scored.

        Raises:
            ValueError: as `score_grid`.
        """
        rows = [self._rows.setdefault(_key(one), np.full((len(GridScores._fields), len(self)), np.nan)) for one in grid]
        missing = [index for index, row in enumerate(rows) if np.isnan(row[0, images]).any()]
        if missing:
            unknown = np.isnan([rows[index][0, images] for index in missing]).any(axis=0)
            self._fill([grid[index] for index in missing], [rows[index] for index in missing], images[unknown], track)
        asked = np.reshape([row[:, images] for row in rows], (len(grid), len(GridScores._fields), len(images)))
        return GridScores(*asked.transpose(1, 0, 2))

    def _fill(self, grid: Sequence[Settings], rows: Sequence[FloatArray], images: Images, track: Track) -> None:
        complete = [self._fixed | dict(settings) for settings in grid]
        chosen = [self._maps[index] for index in images.tolist()]
        iou = self._iou_weight > 0
        scores = score_grid(chosen, complete, iou=iou, threads=self._threads, track=track)
        for row, *found in zip(rows, *scores, strict=True):
            row[:, images] = found


def _key(settings: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(settings.items()))
