"""What a calibration searches: the settings that the post-processing's mode reads, each along an axis of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ocr.calibration.grid import Settings
from ocr.postprocess import READ_WITH_MODE

NUMBERS = ("thresh", "box_thresh", "unclip_ratio", "shrink_ratio", "min_size", "epsilon", "rectangle_fill")
"""Settings of the post-processing that are searched."""


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` (included) in steps; whole numbers of steps, so that a search meets values again.

    Args:
        low: first value.
        high: last value, not below `low`.
        step: > 0.

    Raises:
        ValueError: if it holds no value, or the last is no whole number of steps from the first.
    """

    low: float
    high: float
    step: float

    def __post_init__(self) -> None:
        steps = (self.high - self.low) / self.step if self.step > 0 else -1.0
        if steps < 0 or abs(steps - round(steps)) > 1e-6:
            raise ValueError(
                f"expected an axis [low, high, step] of whole steps up, got [{self.low}, {self.high}, {self.step}]"
            )

    @property
    def values(self) -> list[float]:
        """All of them, free of the noise of floats."""
        count = round((self.high - self.low) / self.step) + 1
        return [round(float(value), 6) for value in np.linspace(self.low, self.high, count)]


@dataclass(frozen=True)
class SearchSpace:
    """The grid's two axes, and those that are searched at the centre of the grid's plateau.

    Attributes:
        thresh: rows of the grid.
        box_thresh: columns of the grid.
        others: axes by the name of their setting.
    """

    thresh: Axis
    box_thresh: Axis
    others: Mapping[str, Axis]


def used_settings(mode: str, unclip: str) -> tuple[str, ...]:
    """Names of the numbers that post-processing reads in a mode: nothing else is worth a sweep.

    Args:
        mode: "polygon" or "quad".
        unclip: "exact" or "ratio".
    """
    chosen = {"mode": mode, "unclip": unclip}
    is_read = {name: chosen[chooser] == value for name, (chooser, value) in READ_WITH_MODE.items()}
    return tuple(name for name in NUMBERS if is_read.get(name, True))


def search_space(defaults: Settings, axes: Mapping[str, Axis]) -> SearchSpace:
    """The axes that the mode of `defaults` reads; the others are left out.

    Args:
        defaults: with `mode` and `unclip`.
        axes: by name of the setting.

    Raises:
        ValueError: if a setting that is read has no axis.
    """
    names = used_settings(defaults["mode"], defaults["unclip"])
    missing = [name for name in names if name not in axes]
    if missing:
        raise ValueError(f"expected an axis [low, high, step] for each of {', '.join(names)}, got none for {missing}")
    return SearchSpace(axes["thresh"], axes["box_thresh"], {name: axes[name] for name in names[2:]})


def read_axes(lists: Mapping[str, Sequence[float]]) -> dict[str, Axis]:
    """Axes from [low, high, step] by the name of their setting.

    Raises:
        ValueError: naming the setting whose list is no axis.
    """
    axes = {}
    for name, values in lists.items():
        try:
            low, high, step = values
            axes[name] = Axis(low, high, step)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}: expected an axis [low, high, step] of whole steps up, got {values}") from error
    return axes
