"""Likely label errors: where a detector that has not seen an image contradicts its labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

import cv2
import numpy as np

from ocr.annotations.words import ImageAnnotation
from ocr.geometry import Polygon, transform_polygon
from ocr.geometry.packed import pack_polygons
from ocr.metrics.overlaps import overlap_ratios
from ocr.postprocess import DBPostProcess
from ocr.postprocess.regions import full_scale
from ocr.probability_maps import ImageMap, read_words

CORE_QUANTILE = 0.9
"""Of the probabilities inside a label: what is text there has them high in its core only."""
COVERED = 0.3
"""A detection with less of its area inside labels has none."""
MERGED = 0.15
"""A detection with more of its area inside other labels joins several words."""
TOUCHING = 0.1
"""IoU from which on a label and a detection have to do with each other."""
WELL_PLACED = 0.5
"""IoU from which on they mean the same region."""
LEAST_SUSPICION = 0.5

Kind = Literal["no text", "no label", "misplaced"]


class Suspect(NamedTuple):
    """A word or place that is likely labelled wrong."""

    suspicion: float  # in [0.5, 1]
    kind: Kind
    image: str
    word: str | None  # its key in the labels; None: a detection without a label
    polygon: Polygon  # px of the image

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return self._asdict() | {
            "suspicion": round(self.suspicion, 4),
            "polygon": np.round(self.polygon.astype(float), 1).tolist(),
        }


def rank_label_errors(
    maps: Iterable[ImageMap], annotations: Mapping[str, ImageAnnotation], postprocess: DBPostProcess
) -> list[Suspect]:
    """Compares labels with what was predicted: places with a suspicion of 0.5 and more, the most suspicious first.

    `no text`: 1 - the 90 % quantile of the probability inside the label. `no label`: the score of a detection that
    lies outside all labels, ignored ones included. `misplaced`: (1 - IoU) x the score of the one detection that meets a
    label, where neither agrees with or meets any other: splits and merges are the detector's errors.

    Args:
        maps: of detectors that have not trained on their images.
        annotations: labels by the maps' file names.
        postprocess: reads them.
    """
    return sorted(
        (
            suspect
            for image_map in maps
            for suspect in _suspects_of(image_map, annotations[image_map.record.filename], postprocess)
            if suspect.suspicion >= LEAST_SUSPICION
        ),
        key=lambda suspect: -suspect.suspicion,
    )


def first_of_each_kind(suspects: Sequence[Suspect], count: int) -> list[Suspect]:
    """The most suspicious ones of each kind, `count` at most, kind after kind."""
    return [
        suspect
        for kind in get_args(Kind)
        for suspect in [suspect for suspect in suspects if suspect.kind == kind][:count]
    ]


def _suspects_of(image_map: ImageMap, label: ImageAnnotation, postprocess: DBPostProcess) -> Iterator[Suspect]:
    name, words, found = label.filename, label.words, read_words(image_map, postprocess)
    labels = pack_polygons([word.polygon for word in words])
    ious, _, fractions = overlap_ratios(labels, pack_polygons(found.polygons))
    covered = fractions.sum(axis=0)
    free = ious < WELL_PLACED
    unmatched = np.all(free, axis=1, keepdims=True) & np.all(free, axis=0) & (ious >= TOUCHING)
    alone = unmatched & (unmatched.sum(axis=1, keepdims=True) == 1) & (unmatched.sum(axis=0) == 1)
    for number, word in enumerate(words):
        if word.ignore:
            continue
        met = int(np.argmax(alone[number])) if alone[number].any() else None
        if met is not None and covered[met] - fractions[number, met] < MERGED:
            suspicion = (1 - float(ious[number, met])) * float(found.scores[met])
            yield Suspect(suspicion, "misplaced", name, word.id, word.polygon)
        else:
            suspicion = 1 - _core_probability(image_map, word.polygon)
            yield Suspect(suspicion, "no text", name, word.id, word.polygon)
    for index in np.flatnonzero(covered < COVERED):
        score = float(found.scores[index])
        yield Suspect(score, "no label", name, None, found.polygons[index])


def _core_probability(image_map: ImageMap, polygon: Polygon) -> float:
    """The 90 % quantile of the probability inside a polygon of the image; 0 where no pixel of the map is inside."""
    levels = image_map.probability
    points = transform_polygon(polygon, image_map.record.original_to_input) - 0.5
    left, top = np.maximum(np.floor(points.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 1
    window = levels[top:bottom, left:right]
    if not window.size:
        return 0.0
    mask = np.zeros(window.shape, np.uint8)
    cv2.fillPoly(mask, [np.rint((points - (left, top)) * 16).astype(np.int32)], 1, shift=4)
    inside = window[mask > 0]
    return float(np.quantile(inside, CORE_QUANTILE)) / full_scale(levels) if inside.size else 0.0
