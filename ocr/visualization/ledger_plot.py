"""Validation against leaderboard, as an image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox, BboxBase
from scipy.stats import spearmanr

from ocr.experiments.ledger import ScoredSubmission

_PLACES = ((7, 5), (7, -12), (-7, 5), (-7, -12), (0, 12), (0, -19), (7, 19), (-7, 19), (7, -26), (-7, -26))
"""Offsets of a name from its point, in points of type, in the order in which they are tried."""


def plot_ledger(submissions: Sequence[ScoredSubmission]) -> Figure:
    """Draws each submission by its H of the validation (x) and of the leaderboard (y), with its name.

    The dashed line is the leaderboard's mean difference to the validation: above it the leaderboard gave more than the
    validation promised, and a validation that can be trusted puts all points on it.

    Args:
        submissions: with both scores, one at least.

    Raises:
        ValueError: if there is none.
    """
    if not submissions:
        raise ValueError(
            "expected a submission with val_hmean and leaderboard_hmean, got none; "
            "runners/ledger.py add <submission> leaderboard_hmean=… adds the latter"
        )
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.add_subplot()
    validation = np.array([submission.validation for submission in submissions])
    leaderboard = np.array([submission.leaderboard for submission in submissions])
    difference = float((leaderboard - validation).mean())
    axes.scatter(validation, leaderboard, color="tab:blue", zorder=3)
    axes.margins(0.15)
    middle = float(validation.mean()), float(leaderboard.mean())
    line = f"validation {difference:+.4f}"
    axes.axline(middle, slope=1, color="gray", linestyle="--", linewidth=1, label=line)
    axes.legend(loc="lower right")
    axes.set(xlabel="H on the validation", ylabel="H on the leaderboard", title=_title(submissions))
    axes.ticklabel_format(useOffset=False)
    axes.grid(visible=True, alpha=0.3)
    _write_names(figure, axes, submissions)
    return figure


def _title(submissions: Sequence[ScoredSubmission]) -> str:
    count = f"{len(submissions)} submission{'s' if len(submissions) > 1 else ''}"
    scores = [one.validation for one in submissions], [one.leaderboard for one in submissions]
    if len(submissions) < 3 or any(len(set(side)) == 1 for side in scores):  # two agree or disagree wholly
        return f"{count}, too few for a rank correlation"
    return f"{count}, rank correlation {spearmanr(*scores).statistic:.2f}"


def _write_names(figure: Figure, axes: Axes, submissions: Sequence[ScoredSubmission]) -> None:
    """Each name where it covers the least of the points and names before it."""
    FigureCanvasAgg(figure)  # measures texts
    figure.draw_without_rendering()
    points = axes.transData.transform([(one.validation, one.leaderboard) for one in submissions])
    taken = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in points]
    for one in submissions:
        name = axes.annotate(
            one.name, (one.validation, one.leaderboard), xytext=_PLACES[0], textcoords="offset points", fontsize=8
        )
        costs = [_cost(name, place, axes.bbox, taken) for place in _PLACES]
        _move(name, _PLACES[int(np.argmin(costs))])
        taken.append(name.get_window_extent().padded(3))


def _cost(name: Annotation, place: tuple[int, int], room: BboxBase, taken: Sequence[Bbox]) -> float:
    """Area, in square dots, that the name would cover of what is there, and that would lie outside the room."""
    _move(name, place)
    box = name.get_window_extent()
    return sum(_shared_area(box, other) for other in taken) + box.width * box.height - _shared_area(box, room)


def _move(name: Annotation, place: tuple[int, int]) -> None:
    name.set_position(place)
    name.set_horizontalalignment("left" if place[0] > 0 else "right" if place[0] < 0 else "center")


def _shared_area(first: BboxBase, second: BboxBase) -> float:
    shared = Bbox.intersection(first, second)
    return 0.0 if shared is None else shared.width * shared.height
