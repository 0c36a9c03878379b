"""What an ensemble found, in memory and in its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ocr.annotations.records import UnreadableImage
from ocr.postprocess import Detections


class EnsembleRun(NamedTuple):
    """The result of a command."""

    detections: Mapping[str, Detections]  # by file name, in the order of the CSV's rows
    unreadable: Sequence[UnreadableImage]
    settings: Mapping[str, Any]  # that matter, plain JSON, for the ledger
