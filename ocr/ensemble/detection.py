"""Polygons of probability maps, a few maps at a time in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ocr.annotations.records import ImageRecord
from ocr.ensemble.streaming import map_in_order
from ocr.postprocess import DBPostProcess, Detections
from ocr.probability_maps import ImageMap


def detect(maps: Iterable[ImageMap], postprocess: DBPostProcess) -> Iterator[tuple[ImageRecord, Detections]]:
    """Polygons of maps, in order; a few maps at a time are in memory.

    Raises:
        ValueError: naming the image, if a map cannot be read.
    """

    def read(image: ImageMap) -> tuple[ImageRecord, Detections]:
        record, probability = image
        try:
            found = postprocess(probability, record.input_to_original, record.width_original, record.height_original)
        except ValueError as error:
            raise ValueError(f"{record.filename}: {error}") from error
        return record, found

    return map_in_order(read, maps)
