"""CLEval of weighted members on labelled images, each weighting scored once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from baseline_code.threads import map_in_order
from baseline_code.tracking import Track, silent
from ocr.annotations.words import ImageAnnotation
from ocr.calibration.grid import Settings, score_grid
from ocr.ensemble.members import check_same_images
from ocr.geometry.packed import FloatArray
from ocr.probability_maps import ImageMap, MapCache, Space, fuse_maps
from ocr.statistics import Images

Weights = tuple[float, ...]
"""One for each member, >= 0, of sum 1."""


class WeightTable:
    """H of any weights, remembered. Maps are read image by image, once for all the weights asked for together.

    Args:
        caches: one for each member, of the same images.
        annotations: labels of exactly these images.
        postprocess: arguments of `DBPostProcess`.
        space: see `fuse_maps`.
        threads: images worked on at a time.
        track: shows the images as they are scored.

    Raises:
        ValueError: if the caches differ in their images.
        CacheError: if the labels are of others.
    """

    def __init__(
        self,
        caches: Sequence[MapCache],
        annotations: Mapping[str, ImageAnnotation],
        postprocess: Settings,
        *,
        space: Space = "probability",
        threads: int = 2,
        track: Track = silent,
    ) -> None:
        check_same_images(caches)
        for cache in caches:
            cache.labelled(annotations)  # refuses other labels now
        self.members = len(caches)
        self._caches, self._annotations = caches, annotations
        self._postprocess, self._space, self._threads = postprocess, space, threads
        self._track = track
        self._rows: dict[Weights, FloatArray] = {}

    def __len__(self) -> int:
        """Number of images."""
        return len(self._caches[0])

    def hmean(self, weightings: Sequence[Weights], images: Images) -> FloatArray:
        """(S, n) CLEval H of S weightings on n images, in [0, 1].

        Args:
            weightings: S weights of the members.
            images: indices of images in the caches' order.
        """
        missing = [weights for weights in dict.fromkeys(weightings) if weights not in self._rows]
        if missing:
            self._rows |= dict(zip(missing, self._score(missing), strict=True))
        return np.array([self._rows[weights][images] for weights in weightings])

    def _score(self, weightings: Sequence[Weights]) -> FloatArray:
        def score_image(maps: tuple[ImageMap, ...]) -> list[float]:
            fused = (fuse_maps(maps, weights, space=self._space) for weights in weightings)
            return [float(score_grid([one], [self._postprocess], threads=1).hmean[0, 0]) for one in fused]

        images = zip(*(cache.labelled(self._annotations) for cache in self._caches), strict=True)
        columns = map_in_order(score_image, images, self._threads)
        return np.array(list(self._track(columns, f"images, {len(weightings)} weightings", len(self)))).T
