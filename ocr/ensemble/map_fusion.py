"""One stream of probability maps out of several models' caches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocr.ensemble.agreement import check_same_pictures
from ocr.ensemble.streaming import map_in_order
from ocr.ensemble.weights import normalised_weights
from ocr.probability_maps import MapCache, PictureMap, Space, fuse_maps


def fuse_caches(
    caches: Sequence[MapCache],
    weights: Sequence[float] | None = None,
    *,
    space: Space = "probability",
    threads: int = 2,
) -> Iterator[PictureMap]:
    """Weighted means of the members' maps, picture by picture.

    A few pictures at a time are in memory, however many there are. Members of different sizes meet in the frame of the
    largest (`fuse_maps`). Members of weight 0 are not read; one alone comes back as it is, without labels.

    Args:
        caches: one for each member, of the same pictures in the same order.
        weights: one for each member, >= 0, one of them above 0; None: all equal.
        space: mean of "probability", or of "logit".
        threads: pictures worked on at a time.

    Returns:
        One map for each picture, in the caches' order.

    Raises:
        ValueError: at once, if the weights do not hold, or the caches differ in their pictures, which are named.
        CacheError: where its turn comes, if a map is missing or damaged.
    """
    shares = normalised_weights(weights, len(caches))
    check_same_pictures(caches)
    used = [(cache, share) for cache, share in zip(caches, shares, strict=True) if share > 0.0]

    def fuse(filename: str) -> PictureMap:
        maps = [cache.read(filename) for cache, _ in used]
        return fuse_maps(maps, [share for _, share in used], space=space)

    return map_in_order(fuse, used[0][0].filenames, threads)
