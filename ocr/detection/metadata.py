"""What is known of the detector in a file: its input, its network, and how its map is read."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from baseline_code.files.duplicates import file_sha256
from ocr.detection.colours import Colours
from ocr.detection.reading import Reading
from ocr.starts import PADDLE_READING, STARTS
from ocr.starts.known import known_by_sha256
from ocr.starts.naming import METADATA
from ocr.transforms.geometric import STRIDE

KEY = METADATA
"""The entry that holds it, as JSON, in safetensors, ONNX files and OpenVINO's."""
UNKNOWN_SIZE = 960

log = logging.getLogger(__name__)


class DetectorError(ValueError):
    """A file that holds no detector, an engine or a device that is not here; the message says what to do."""


@dataclass(frozen=True)
class Metadata:
    """Settings of a detector that go where its weights go.

    Args:
        reading: how images are laid into its input and its map is read.
        colours: what its input takes.
        network: the arguments of `encoder`, `decoder` and `head`; empty where they are not known.
        fingerprint: SHA-256 of the checkpoint that it was made from.
        description: one sentence for people: what it learnt from.
    """

    reading: Reading
    colours: Colours = field(default_factory=Colours)
    network: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    description: str = ""

    def to_json(self) -> str:
        """One line, as `from_json` takes it."""
        content = {
            "description": self.description,
            "fingerprint": self.fingerprint,
            "input": {**asdict(self.colours), "stride": STRIDE},
            "reading": self.reading.settings,
            "network": dict(self.network),
        }
        return json.dumps(content)

    @classmethod
    def from_json(cls, text: str, source: str | Path) -> Self:
        """Of `to_json`.

        Args:
            text: JSON.
            source: what to call its file in errors.

        Raises:
            DetectorError: if it is no metadata of a detector, or its values are out of their range.
        """
        try:
            content = json.loads(text)
            reading, colours = Reading.of(content["reading"]), Colours.from_dict(content["input"])
            network, words = dict(content["network"]), (content["fingerprint"], content["description"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DetectorError(
                f"{source}: expected the settings of a detector in its metadata, could not read them: {error}; "
                "make the file again with runners/export.py"
            ) from error
        return cls(reading, colours, network, *map(str, words))


def read_onnx_metadata(stored: str | None, path: Path) -> Metadata:
    """The settings of a detector in an ONNX file; without any the file is taken for one of PaddleOCR's.

    Args:
        stored: the entry that files of this project have.
        path: of the file.

    Raises:
        ocr.detection.metadata.DetectorError: if the entry cannot be read.
    """
    if stored is not None:
        return Metadata.from_json(stored, path)
    sha256 = file_sha256(path)
    known = known_by_sha256(sha256)
    if known is None:
        log.warning("%s says nothing of its input and is not known by its sha256: taken for PaddleOCR's", path)
    reading = Reading.of({"img_size": STARTS[known].img_size if known else UNKNOWN_SIZE, **PADDLE_READING})
    return Metadata(reading, Colours("bgr"), fingerprint=sha256, description=known or path.name)
