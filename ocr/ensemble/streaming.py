"""Streams of probability maps: fused or read in threads, only a few of them in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from baseline_code.threads import map_in_order
from ocr.annotations.records import ImageRecord
from ocr.ensemble.members import check_same_images
from ocr.postprocess import DBPostProcess, Detections
from ocr.probability_maps import ImageMap, MapCache, Space, fuse_maps, read_words
from ocr.probability_maps.fusion import normalise_weights


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
    fractions = normalise_weights(weights, len(caches))
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
