"""From settings to the images that a teacher labels, if there are any."""

from __future__ import annotations

import os

from ocr.datasets.pseudo_labelled import PseudoPart
from ocr.label_maps.soft_maps import IgnoreBand
from ocr.postprocess import DBPostProcess
from ocr.pseudo_labels.cached_teacher import CachedTeacher


def build_pseudo_part(
    maps: str | os.PathLike[str] | None,
    images: str | os.PathLike[str] | None,
    postprocess: DBPostProcess,
    *,
    low: float,
    high: float,
) -> PseudoPart | None:
    """The images without labels that train with the soft maps of an ensemble.

    Args:
        maps: folder of the maps, as `save_maps=` of predict and ensemble writes it; None: no such images.
        images: folder of the images that the maps were predicted from.
        postprocess: finds the words whose polygons train the threshold map.
        low: up to this probability a pixel is background; between it and `high` it does not count.
        high: from this probability on a pixel is text, and from this score on a word is certain.

    Raises:
        ValueError: if there is one folder without the other, or the probabilities are out of their range.
    """
    band = IgnoreBand(low, high)
    if maps is None and images is None:
        return None
    if maps is None or images is None:
        raise ValueError(
            f"expected datasets.pseudo.maps and datasets.pseudo.images together, got {maps} and {images}: "
            "the maps of images, and the folder of these images"
        )
    return PseudoPart(CachedTeacher(maps, images, postprocess, certain=high), band)
