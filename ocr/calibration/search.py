"""Settings chosen on some images: a grid, the centre of its plateau, and there the other settings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import NamedTuple

import numpy as np
import optuna

from baseline_code.tracking import Track, silent
from ocr.calibration.grid import Settings
from ocr.calibration.plateau import Plateau, central_trial, find_plateau
from ocr.calibration.score_table import Scorer
from ocr.calibration.space import SearchSpace
from ocr.geometry.packed import FloatArray
from ocr.statistics import Images


class GridScan(NamedTuple):
    """What the grid over thresh and box_thresh showed, the other settings as they were."""

    thresh: list[float]  # A values
    box_thresh: list[float]  # B values
    score: FloatArray  # (A, B) mean over the images
    plateau: Plateau


class Choice(NamedTuple):
    """What a search chose, and the grid that it began with."""

    settings: Settings
    scan: GridScan


def grid_settings(space: SearchSpace, defaults: Settings) -> list[Settings]:
    """`defaults` with each pair of thresh and box_thresh, row by row."""
    pairs = product(space.thresh.values, space.box_thresh.values)
    return [dict(defaults) | {"thresh": thresh, "box_thresh": box_thresh} for thresh, box_thresh in pairs]


def choose_settings(
    score: Scorer,
    space: SearchSpace,
    defaults: Settings,
    images: Images,
    *,
    n_trials: int,
    seed: int = 0,
    track: Track = silent,
) -> Choice:
    """Searches on these images alone; the same seed chooses the same.

    First the whole grid of thresh and box_thresh, the other settings as in `defaults`. Then, at the centre of its
    plateau, Optuna's tree-structured Parzen estimator over all the others at once. These stay as they are unless the
    best trial gains more by leaving them than the standard error of that gain.

    Args:
        score: gives the objective of settings on images.
        space: what to search.
        defaults: the complete settings to begin with.
        images: n >= 1 of them.
        n_trials: settings to try beside the centre; 0: none.
        seed: of the estimator.
        track: shows the trials as they are scored.
    """
    scan = scan_grid(score, space, defaults, images)
    row, column = scan.plateau.centre
    centre = dict(defaults) | {"thresh": scan.thresh[row], "box_thresh": scan.box_thresh[column]}
    values = {name: sorted({*axis.values, defaults[name]}) for name, axis in space.others.items()}
    return Choice(_refine(score, centre, values, images, n_trials, seed, track), scan)


def scan_grid(score: Scorer, space: SearchSpace, defaults: Settings, images: Images) -> GridScan:
    """The whole grid on these images, and its plateau."""
    thresh, box_thresh = space.thresh.values, space.box_thresh.values
    before, *cells = score([defaults, *grid_settings(space, defaults)], images)
    scores = np.reshape(cells, (len(thresh), len(box_thresh), len(images)))
    return GridScan(thresh, box_thresh, scores.mean(axis=2), find_plateau(scores, before))


def _refine(
    score: Scorer,
    centre: Settings,
    values: Mapping[str, list[float]],
    images: Images,
    n_trials: int,
    seed: int,
    track: Track,
) -> Settings:
    """The middle of what is as good as the best among `centre` and the settings that the estimator tried."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial({name: choices.index(centre[name]) for name, choices in values.items()})
    tried, places, rows = [], [], []
    for _ in track(range(n_trials + 1), "other settings", n_trials + 1):
        trial = study.ask()
        picked = {name: trial.suggest_int(name, 0, len(choices) - 1) for name, choices in values.items()}
        tried.append(dict(centre) | {name: values[name][index] for name, index in picked.items()})
        places.append([index / max(1, len(values[name]) - 1) for name, index in picked.items()])
        rows.append(score([tried[-1]], images)[0])
        study.tell(trial, float(rows[-1].mean()))
    return tried[central_trial(np.array(places), np.array(rows))]
