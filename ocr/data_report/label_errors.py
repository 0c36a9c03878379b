"""Likely label errors: where a detector that has not seen an image contradicts its labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np

from ocr.geometry import Polygon, transform_polygon
from ocr.geometry.packed import pack_polygons
from ocr.metrics.overlaps import overlap_ratios
from ocr.postprocess import DBPostProcess
from ocr.postprocess.regions import full_scale
from ocr.probability_maps import ImageMap

CORE_QUANTILE = 0.9
"""Of the probabilities inside a label: what is text there has them high in its core only."""
COVERED = 0.3
"""A detection with less of its area inside labels has none."""
TOUCHING = 0.1
"""IoU from which on a label and a detection have to do with each other."""
WELL_PLACED = 0.5
"""IoU from which on they mean the same region."""


class Suspect(NamedTuple):
    """A word or place that is likely labelled wrong."""

    suspicion: float  # in [0, 1]
    kind: Literal["no text", "no label", "misplaced"]
    image: str
    word: int | None  # its number in the image's annotation; None: a detection without a label
    polygon: Polygon  # px of the image

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return self._asdict() | {
            "suspicion": round(self.suspicion, 4),
            "polygon": np.round(self.polygon.astype(float), 1).tolist(),
        }


def rank_label_errors(maps: Iterable[ImageMap], postprocess: DBPostProcess) -> list[Suspect]:
    """Compares labels with what was predicted, the most suspicious place first.

    `no text`: 1 - the 90 % quantile of the probability inside the label. `no label`: the score of a detection that
    lies outside all labels, ignored ones included. `misplaced`: (1 - IoU) x that quantile of a label and the one
    detection that meets it and no other.

    Args:
        maps: labelled, of detectors that have not trained on their images.
        postprocess: reads them.
    """
    return sorted(
        (suspect for image_map in maps for suspect in _suspects_of(image_map, postprocess)),
        key=lambda suspect: -suspect.suspicion,
    )


def _suspects_of(image_map: ImageMap, postprocess: DBPostProcess) -> Iterator[Suspect]:
    record, probability = image_map
    found = postprocess(probability, record.input_to_original, record.width_original, record.height_original)
    ious, fractions = overlap_ratios(pack_polygons(record.polygons), pack_polygons(found.polygons))
    touching = ious >= TOUCHING
    for number, (polygon, ignore) in enumerate(zip(record.polygons, record.ignore, strict=True)):
        if ignore:
            continue
        core = _core_probability(image_map, polygon)
        met = np.flatnonzero(touching[number])
        if len(met) == 1 and touching[:, met[0]].sum() == 1 and ious[number, met[0]] < WELL_PLACED:
            yield Suspect(core * (1 - float(ious[number, met[0]])), "misplaced", record.filename, number, polygon)
        else:
            yield Suspect(1 - core, "no text", record.filename, number, polygon)
    covered = fractions.sum(axis=0) if len(record.polygons) else np.zeros(len(found.polygons))
    for index in np.flatnonzero(covered < COVERED):
        score = float(found.scores[index])
        yield Suspect(score, "no label", record.filename, None, found.polygons[index])


def _core_probability(image_map: ImageMap, polygon: Polygon) -> float:
    """The 90 % quantile of the probability inside a polygon of the image; 0 where no pixel of the map is inside."""
    levels = image_map.probability
    original_to_map = np.linalg.inv(image_map.record.input_to_original).astype(np.float64)
    points = transform_polygon(polygon, original_to_map) - 0.5
    left, top = np.maximum(np.floor(points.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 1
    window = levels[top:bottom, left:right]
    if not window.size:
        return 0.0
    mask = np.zeros(window.shape, np.uint8)
    cv2.fillPoly(mask, [np.rint((points - (left, top)) * 16).astype(np.int32)], 1, shift=4)
    inside = window[mask > 0]
    return float(np.quantile(inside, CORE_QUANTILE)) / full_scale(levels) if inside.size else 0.0
