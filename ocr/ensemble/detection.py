"""Polygons of probability maps, a few maps at a time in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ocr.annotations.records import ImageRecord
from ocr.ensemble.streaming import map_in_order
from ocr.postprocess import DBPostProcess, Detections
from ocr.probability_maps import PictureMap


def detect(maps: Iterable[PictureMap], postprocess: DBPostProcess) -> Iterator[tuple[ImageRecord, Detections]]:
    """Polygons of maps, in order; a few maps at a time are in memory.

    Raises:
        ValueError: naming the picture, if a map cannot be read.
    """

    def read(picture: PictureMap) -> tuple[ImageRecord, Detections]:
        record, probability = picture
        try:
            found = postprocess(probability, record.input_to_original, record.width_original, record.height_original)
        except ValueError as error:
            raise ValueError(f"{record.filename}: {error}") from error
        return record, found

    return map_in_order(read, maps)
