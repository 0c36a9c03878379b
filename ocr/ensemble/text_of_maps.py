"""What an ensemble finds: the mean of its members' probability maps, then one post-processing."""

from __future__ import annotations

from collections.abc import Sequence

from rich.progress import track

from ocr.annotations.records import ImageRecord
from ocr.ensemble.streaming import detect, fuse_caches, map_in_order
from ocr.postprocess import DBPostProcess, Detections
from ocr.probability_maps import ImageMap, MapCache, MapCacheWriter, Space


def find_text(
    caches: Sequence[MapCache],
    postprocess: DBPostProcess,
    weights: Sequence[float] | None = None,
    *,
    space: Space = "probability",
    threads: int = 2,
    writer: MapCacheWriter | None = None,
) -> list[tuple[ImageRecord, Detections]]:
    """Words of each image, in the caches' order.

    Args:
        caches: one for each member, of the same images in the same order.
        postprocess: reads the fused maps.
        weights: see `fuse_caches`.
        space: see `fuse_caches`.
        threads: images worked on at a time.
        writer: keeps the fused maps, and is closed; None: they are not kept.

    Raises:
        ValueError: if the weights do not hold, or the caches are of other images.
        CacheError: if a map is missing or damaged.
    """
    digests = caches[0].image_sha256

    def keep(fused: ImageMap) -> ImageMap:
        if writer is not None:
            writer.add(fused, digests[fused.record.filename])
        return fused

    fused = map_in_order(keep, fuse_caches(caches, weights, space=space, threads=threads))
    found = list(track(detect(fused, postprocess), "images", len(caches[0]), transient=True))
    if writer is not None:
        writer.close(caches[0].filenames)
    return found
