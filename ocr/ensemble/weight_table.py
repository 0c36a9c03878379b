"""CLEval of weighted members on labelled pictures, each weighting scored once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ocr.annotations.reading import ImageAnnotation
from ocr.calibration.grid import Settings, score_grid
from ocr.calibration.progress import Track, silent
from ocr.calibration.score_table import Images
from ocr.ensemble.agreement import check_same_pictures
from ocr.ensemble.streaming import map_in_order
from ocr.metrics.scored_polygons import FloatArray
from ocr.probability_maps import MapCache, PictureMap, Space, fuse_maps

Weights = tuple[float, ...]
"""One for each member, >= 0, of sum 1."""


class WeightTable:
    """H of any weights, remembered. Maps are read picture by picture, once for all the weights asked for together.

    Args:
        caches: one for each member, of the same pictures.
        annotations: labels of exactly these pictures.
        postprocess: arguments of `DBPostProcess`.
        space: see `fuse_maps`.
        threads: pictures worked on at a time.
        track: shows the pictures as they are scored.

    Raises:
        ValueError: if the caches differ in their pictures.
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
        check_same_pictures(caches)
        for cache in caches:
            cache.labelled(annotations)  # refuses other labels now
        self.members = len(caches)
        self._caches, self._annotations = caches, annotations
        self._postprocess, self._space, self._threads = postprocess, space, threads
        self._track = track
        self._rows: dict[Weights, FloatArray] = {}

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self._caches[0])

    def hmean(self, weightings: Sequence[Weights], images: Images) -> FloatArray:
        """(S, n) CLEval H of S weightings on n pictures, in [0, 1].

        Args:
            weightings: S weights of the members.
            images: indices of pictures in the caches' order.
        """
        missing = [weights for weights in dict.fromkeys(weightings) if weights not in self._rows]
        if missing:
            self._rows |= dict(zip(missing, self._score(missing), strict=True))
        return np.array([self._rows[weights][images] for weights in weightings])

    def _score(self, weightings: Sequence[Weights]) -> FloatArray:
        def score_picture(maps: tuple[PictureMap, ...]) -> list[float]:
            fused = (fuse_maps(maps, weights, space=self._space) for weights in weightings)
            return [float(score_grid([one], [self._postprocess], threads=1).hmean[0, 0]) for one in fused]

        pictures = zip(*(cache.labelled(self._annotations) for cache in self._caches), strict=True)
        columns = map_in_order(score_picture, pictures, self._threads)
        return np.array(list(self._track(columns, f"pictures, {len(weightings)} weightings", len(self)))).T
