"""What is known of an ONNX file: by its own metadata, or by its hash."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from ocr.detection.colours import Colours
from ocr.detection.metadata import Metadata
from ocr.detection.reading import Reading
from ocr.starts import PADDLE_READING, STARTS
from ocr.starts.known import known_by_sha256

UNKNOWN_SIZE = 960

log = logging.getLogger(__name__)


def read_onnx_metadata(stored: str | None, path: Path) -> Metadata:
    """The settings of a detector in an ONNX file; without any the file is taken for one of PaddleOCR's.

    Args:
        stored: the entry that files of this project have.
        path: of the file.

    Raises:
        ocr.detection.errors.DetectorError: if the entry cannot be read.
    """
    if stored is not None:
        return Metadata.from_json(stored, path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    known = known_by_sha256(sha256)
    if known is None:
        log.warning("%s says nothing of its input and is not known by its sha256: taken for PaddleOCR's", path)
    reading = Reading.of({"img_size": STARTS[known].img_size if known else UNKNOWN_SIZE, **PADDLE_READING})
    return Metadata(reading, Colours("bgr"), fingerprint=sha256, description=known or path.name)
