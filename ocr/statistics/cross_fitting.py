"""Scores of images under settings that were chosen without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from baseline_code.tracking import Track, silent

Choice = TypeVar("Choice")
Images = npt.NDArray[np.int64]
"""Indices of images, each once."""
Scores = npt.NDArray[np.float64]


def cross_fit(
    choose: Callable[[Images], Choice],
    score: Callable[[Sequence[Choice], Images], Scores],
    images: int,
    *,
    repeats: int,
    seed: int = 0,
    track: Track = silent,
) -> Scores:
    """Splits the images into halves, chooses on each and scores on the other, several times.

    What was chosen on a set scores too well on that set. Between the halves the choice carries no such luck, so that
    the difference to other settings is what the whole procedure gains on new images (rather less: it chooses on half
    of them).

    Args:
        choose: the whole search, given indices of images in ascending order.
        score: gives (S, n) H of S choices on n images.
        images: N >= 2.
        repeats: how many times they are split at random, >= 1.
        seed: of the splits.
        track: shows the halves as they are done.

    Returns:
        (N,) H of each image, the mean over the repeats.

    Raises:
        ValueError: if there are fewer than two images, or no repeat.
    """
    check_halves(images, repeats)
    generator = np.random.default_rng(seed)
    orders = [generator.permutation(images) for _ in range(repeats)]
    halves = [(np.sort(order[: images // 2]), np.sort(order[images // 2 :])) for order in orders]
    total = np.zeros(images)
    both_ways = [pair for half in halves for pair in (half, half[::-1])]
    for chosen_on, scored_on in track(both_ways, "halves", len(both_ways)):
        total[scored_on] += score([choose(chosen_on)], scored_on)[0]
    return total / repeats


def check_halves(images: int, repeats: int) -> None:
    """Refuses what cannot be split.

    Raises:
        ValueError: if there are fewer than two images, or no repeat.
    """
    if images < 2:
        raise ValueError(f"expected two images at least, to choose on one half and score on the other, got {images}")
    if repeats < 1:
        raise ValueError(f"expected one repeat at least, got {repeats}")
