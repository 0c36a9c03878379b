"""A calibration as a whole: found on all images, its gain measured by cross-fitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from baseline_code.tracking import Track, silent
from ocr.calibration.calibration_file import WORDS, Calibration
from ocr.calibration.grid import GridScores, Settings, score_grid
from ocr.calibration.objective import iou_hmean
from ocr.calibration.score_table import ScoreTable
from ocr.calibration.search import GridScan, choose_settings, grid_settings
from ocr.calibration.space import Axis, search_space, used_settings
from ocr.metrics import Ratios
from ocr.probability_maps import ImageMap
from ocr.statistics import check_halves, cross_fit, paired_bootstrap

CONFIDENCE = 0.95


class Calibrated(NamedTuple):
    """The calibration, and the grid to show."""

    calibration: Calibration
    scan: GridScan


def calibrate(
    maps: Sequence[ImageMap],
    postprocess: Settings,
    axes: Mapping[str, Axis],
    *,
    iou_weight: float = 0.0,
    n_trials: int = 40,
    repeats: int = 5,
    confidence: float = CONFIDENCE,
    seed: int = 0,
    threads: int = 2,
    source: Mapping[str, Any] | None = None,
    track: Track = silent,
) -> Calibrated:
    """Finds settings by `choose_settings` and says whether their gain is real.

    It is accepted where P(gain > 0) of the cross-fitted objective over that of the settings before reaches
    `confidence`, by a paired bootstrap over the images.

    Args:
        maps: N >= 2 labelled maps.
        postprocess: all arguments of `DBPostProcess` as they are before.
        axes: by name of the setting; those that the mode does not read are left alone.
        iou_weight: w, in [0, 1], of the objective (1 - w) · CLEval H + w · IoU H.
        n_trials: of the search for the others at the centre of the grid's plateau.
        repeats: of cross-fitting.
        confidence: in [0, 1].
        seed: of everything random.
        threads: maps worked on at a time.
        source: where the maps came from, for the calibration file.
        track: shows progress.

    Raises:
        ValueError: if there are fewer than two maps, a setting is out of its range, or an axis is missing.
    """
    check_halves(len(maps), repeats)
    names = (*WORDS, *used_settings(postprocess["mode"], postprocess["unclip"]))
    defaults = {name: postprocess[name] for name in names}
    fixed = {name: value for name, value in postprocess.items() if name not in names}
    space = search_space(defaults, axes)
    table, everything = ScoreTable(maps, fixed, iou_weight=iou_weight, threads=threads), np.arange(len(maps))
    table.scores([defaults, *grid_settings(space, defaults)], everything, track=track)
    search = partial(choose_settings, table.objective, space, defaults, n_trials=n_trials, seed=seed)
    found = search(everything, track=track)
    halves = partial(cross_fit, score=table.objective, images=len(maps), repeats=repeats, seed=seed)
    unseen = halves(lambda images: search(images).settings, track=track)
    gain = paired_bootstrap(halves(lambda images: defaults), unseen, seed=seed)
    accepted = gain.probability >= confidence and found.settings != defaults
    scores = score_grid(maps, [fixed | defaults, fixed | dict(found.settings)], iou=True, threads=threads)
    before, after = (_means(scores, row) for row in (0, 1))
    iou_before, iou_after = iou_hmean(scores).tolist()
    calibration = Calibration(
        settings=found.settings if accepted else defaults,
        accepted=accepted,
        found=found.settings,
        defaults=defaults,
        before=before,
        after=after,
        cross_fitted=float(unseen.mean()),
        gain=gain,
        images=len(maps),
        source=source or {},
        iou_weight=iou_weight,
        iou_before=iou_before,
        iou_after=iou_after,
    )
    return Calibrated(calibration, found.scan)


def _means(scores: GridScores, row: int) -> Ratios:
    return Ratios(*(float(values[row].mean()) for values in (scores.precision, scores.recall, scores.hmean)))
