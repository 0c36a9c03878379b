"""A teacher whose soft maps are in a cache."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from baseline_code.files.duplicates import file_sha256
from baseline_code.files.names import find_file
from baseline_code.files.shown_text import listed
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.words import ImageAnnotation
from ocr.datasets.pseudo_labelled import PseudoSplit, SoftLabels
from ocr.label_maps.soft_maps import IgnoreBand
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import CacheError, MapCache, read_words
from ocr.probability_maps.cache import check_one_shrink_ratio
from ocr.probability_maps.quantisation import to_8_bit


class CachedTeacher:
    """Labels images with the maps that a detector or an ensemble predicted for them.

    Nothing is read before it is needed: evaluation can build the parts of a training whose cache is gone.

    Args:
        maps: folder of the cache; its images are the teacher's.
        images: folder that they are stored in.
        postprocess: finds the words in a map.
        certain: score from which on a word is certain, in [0, 1].
    """

    def __init__(
        self,
        maps: str | os.PathLike[str],
        images: str | os.PathLike[str],
        postprocess: DBPostProcess,
        *,
        certain: float,
    ) -> None:
        self.maps = Path(maps)
        self.images = Path(images)
        self.postprocess = postprocess
        self.certain = certain

    @cached_property
    def _cache(self) -> MapCache:
        return MapCache(self.maps)

    def labelled_images(self) -> LabelledImages:
        """The cache's images, in its order, without words.

        Raises:
            CacheError: if there is no cache, it is empty, or it was predicted from other files than those in `images`:
                the first five that are missing or have other content are named.
            ValueError: if its regions were shrunk by another ratio than those of this training.
        """
        check_one_shrink_ratio([self._cache], self.postprocess.shrink_ratio)
        self._check_files(self._cache)
        return LabelledImages.in_folder(map(ImageAnnotation, self._cache.filenames), self.images)

    def read(self, filename: str) -> SoftLabels:
        """An image's soft map, and the words in it whose score is at least `certain`.

        Raises:
            CacheError: naming the file, if the image is not in the cache or its map is missing or damaged.
        """
        image_map = self._cache.read(filename)
        found = read_words(image_map, self.postprocess)
        certain = int((found.scores >= self.certain).sum())  # the best come first
        return SoftLabels(to_8_bit(image_map.probability), tuple(found.polygons[:certain]))

    def _check_files(self, cache: MapCache) -> None:
        expected = cache.image_sha256
        if not expected:
            raise CacheError(f"{self.maps}: expected maps of the images in {self.images}, got an empty cache")
        files = {name: find_file(self.images / name) for name in expected}
        missing = [name for name, file in files.items() if not file.is_file()]
        if missing:
            raise CacheError(
                f"{self.images}: expected the {len(expected)} images whose maps are in {self.maps}, "
                f"got no {listed(missing)}: set datasets.pseudo.images to the folder that they were predicted from"
            )
        changed = [name for name, sha256 in expected.items() if file_sha256(files[name]) != sha256]
        if changed:
            raise CacheError(
                f"{self.maps}: expected maps of the files in {self.images}, got those of other content for "
                f"{listed(changed)}: predict the maps again (save_maps=…)"
            )


def build_pseudo_split(
    maps: str | os.PathLike[str] | None,
    images: str | os.PathLike[str] | None,
    postprocess: DBPostProcess,
    *,
    low: float,
    high: float,
) -> PseudoSplit | None:
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
    return PseudoSplit(CachedTeacher(maps, images, postprocess, certain=high), band)
