"""H of settings on images without any image: a noise of their own each, and a hill where settings are better."""

import numpy as np

from ocr.calibration import Axis
from ocr.calibration.space import search_space

DEFAULTS = {"mode": "quad", "unclip": "exact", "thresh": 0.3, "box_thresh": 0.4, "shrink_ratio": 0.4, "min_size": 2.0}
AXES = {"thresh": Axis(0.1, 0.5, 0.05), "box_thresh": Axis(0.3, 0.7, 0.05), "min_size": Axis(0.0, 4.0, 1.0)}
AXES["shrink_ratio"] = Axis(0.4, 0.4, 0.1)  # nothing to search
SPACE = search_space(DEFAULTS, AXES)
BEST = {"thresh": 0.2, "box_thresh": 0.6}


def synthetic_scorer(gain, *, images=40, seed=0):
    """A `Scorer`.

    Every image prefers some direction of the settings, more or less, and no direction is better in the mean of all
    images that there might be; `gain` is by how much all of them are better at `BEST` than far from it.
    """
    rng = np.random.default_rng(seed)
    level, slopes = 0.95 + 0.03 * rng.normal(size=images), 0.01 * rng.normal(size=(3, images))

    def hmean(settings):
        place = (settings["thresh"] - 0.3, settings["box_thresh"] - 0.5, (settings["min_size"] - 2.0) / 10)
        away = (settings["thresh"] - BEST["thresh"]) ** 2 + (settings["box_thresh"] - BEST["box_thresh"]) ** 2
        return level + np.array(place) / 0.2 @ slopes + gain * np.exp(-away / 0.01)

    return lambda grid, chosen: np.array([hmean(settings)[chosen] for settings in grid])
