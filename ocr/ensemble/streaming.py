"""Streams of probability maps: worked on in threads, results in order, only a few of them in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from ocr.annotations.records import ImageRecord
from ocr.ensemble.members import check_same_images, normalised_weights
from ocr.postprocess import DBPostProcess, Detections
from ocr.probability_maps import ImageMap, MapCache, Space, fuse_maps, read_words

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""Results per thread that are begun before they are asked for."""


def map_in_order(function: Callable[[Item], Result], items: Iterable[Item], threads: int = 2) -> Iterator[Result]:
    """Apply a function to each item, `threads` at a time; closing the iterator stops the work.

    Unlike `Executor.map` it takes items only when their turn is near, so that memory stays bounded.

    Args:
        function: called in threads; what it raises is raised where its result is due.
        items: taken one by one in the thread that asks.
        threads: >= 1.

    Raises:
        ValueError: if `threads` is below 1.
    """
    if threads < 1:
        raise ValueError(f"expected one thread at least, got {threads}")
    return _map_in_order(function, items, threads)


def _map_in_order(function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="ensemble")
    try:
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) >= AHEAD * threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def fuse_caches(
    caches: Sequence[MapCache],
    weights: Sequence[float] | None = None,
    *,
    space: Space = "probability",
    threads: int = 2,
) -> Iterator[ImageMap]:
    """Weighted means of the members' maps, image by image.

    A few images at a time are in memory, however many there are. Members of different sizes meet in the frame of the
    largest (`fuse_maps`). Members of weight 0 are not read; one alone comes back as it is, without labels.

    Args:
        caches: one for each member, of the same images in the same order.
        weights: one for each member, >= 0, one of them above 0; None: all equal.
        space: mean of "probability", or of "logit".
        threads: images worked on at a time.

    Returns:
        One map for each image, in the caches' order.

    Raises:
        ValueError: at once, if the weights do not hold, or the caches differ in their images, which are named.
        CacheError: where its turn comes, if a map is missing or damaged.
    """
    fractions = normalised_weights(weights, len(caches))
    check_same_images(caches)
    used = [(cache, fraction) for cache, fraction in zip(caches, fractions, strict=True) if fraction > 0.0]

    def fuse(filename: str) -> ImageMap:
        maps = [cache.read(filename) for cache, _ in used]
        return fuse_maps(maps, [fraction for _, fraction in used], space=space)

    return map_in_order(fuse, used[0][0].filenames, threads)


def detect(maps: Iterable[ImageMap], postprocess: DBPostProcess) -> Iterator[tuple[ImageRecord, Detections]]:
    """Polygons of maps, in order; a few maps at a time are in memory.

    Raises:
        ValueError: naming the image, if a map cannot be read.
    """

    def read(image: ImageMap) -> tuple[ImageRecord, Detections]:
        return image.record, read_words(image, postprocess)

    return map_in_order(read, maps)
