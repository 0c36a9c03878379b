"""Whether a gain is real: the paired bootstrap of two scores of the same images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_DRAWS_AT_ONCE = 2**20  # 8 MiB of picks and as much of gains, whatever the number of images
_ROUNDING = 16 * float(np.finfo(np.float64).eps)  # of a mean gain, relative to the largest score


class PairedGain(NamedTuple):
    """The mean gain of N images and how far other images like these would move it; in the unit of the scores."""

    mean: float  # of after - before
    low: float  # 2.5 % percentile of the resampled means
    high: float  # 97.5 % percentile
    probability: float  # P(gain > 0), in [0, 1]: of the resampled means those above 0, and half of those equal to 0
    standard_error: float  # of the mean, >= 0


def paired_bootstrap(
    before: npt.ArrayLike, after: npt.ArrayLike, *, samples: int = 10_000, seed: int = 0
) -> PairedGain:
    """Resamples the images, each with both of its scores, and sees how often `after` is ahead.

    The same seed gives the same answer; so do scores in the same order only. The two sides exchanged give the gain with
    the other sign. One image, or images that all gain the same, have no spread: low = high = mean.

    Args:
        before: (N,) score of each image, finite, N >= 1, higher is better.
        after: (N,) score of the same images in the same order.
        samples: how many times N images are drawn with replacement, >= 1.
        seed: of the draws.

    Returns:
        The gain. Identical scores have probability 0.5; means within the rounding of float64 count as equal to 0.

    Raises:
        ValueError: if the shapes disagree, there is no image, a score is not finite, or `samples` is below 1.

    Source:
        Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 6 and 13 (percentile interval); Koehn,
        EMNLP 2004, "Statistical significance tests for machine translation evaluation" (paired). The standard error is
        the limit of infinitely many samples, sqrt(mean((gain - mean)²) / N), rather than the deviation of these ones.
    """
    old, new = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    _check(old, new, samples)
    gains = new - old
    means = _resampled_means(gains, samples, seed)
    tie = _ROUNDING * max(float(np.abs(old).max()), float(np.abs(new).max()))
    ahead = np.count_nonzero(means > tie) + np.count_nonzero(np.abs(means) <= tie) / 2
    low, high = np.quantile(means, (0.025, 0.975))
    error = float(gains.std()) / float(np.sqrt(len(gains)))
    return PairedGain(float(gains.mean()), float(low), float(high), float(ahead / samples), error)


def _check(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64], samples: int) -> None:
    if before.ndim != 1 or before.shape != after.shape:
        raise ValueError(f"expected two scores (N,) of the same images, got shapes {before.shape} and {after.shape}")
    if not len(before):
        raise ValueError("expected the scores of one image at least, got none")
    broken = np.flatnonzero(~(np.isfinite(before) & np.isfinite(after)))
    if len(broken):
        raise ValueError(f"expected finite scores, got others at {broken[:5].tolist()}")
    if samples < 1:
        raise ValueError(f"expected samples >= 1, got {samples}")


def _resampled_means(gains: npt.NDArray[np.float64], samples: int, seed: int) -> npt.NDArray[np.float64]:
    """(samples,) means of N gains drawn with replacement, some of them at a time."""
    if len(gains) == 1:
        return gains.repeat(samples)
    from scipy import stats  # here: it takes half a second and 50 MB, and who only scores resamples nothing

    resampled = stats.bootstrap(
        (gains,),
        np.mean,
        n_resamples=samples,
        batch=max(1, _DRAWS_AT_ONCE // len(gains)),
        method="percentile",
        random_state=np.random.default_rng(seed),
    )
    means: npt.NDArray[np.float64] = resampled.bootstrap_distribution
    return means
