"""The detector for other people's code: images in, words out, by any engine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, get_args

from ocr.detection.colours import Order, check_order
from ocr.detection.engines.engine import Device, Engine
from ocr.detection.inputs import AnyImage, read_pixels
from ocr.detection.loading import load_engine
from ocr.detection.metadata import Metadata
from ocr.detection.reading import Reading
from ocr.detection.reading_order import reading_order
from ocr.detection.words import PredictedMap, Words

WordOrder = Literal["score", "reading"]


@dataclass(frozen=True)
class Detector:
    """Finds words. Nothing of a call is kept, so threads may use one detector together.

    Attributes:
        engine: runs the network; `engine.name` and `engine.device` say what was taken.
        metadata: what its file says of it; `metadata.reading.settings` are the settings of a call.
    """

    engine: Engine
    metadata: Metadata

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str] | None = None,
        device: Device = "auto",
        threads: int | None = None,
        *,
        engine: Literal["onnxruntime", "openvino", "torch"] | None = None,
    ) -> Self:
        """Loads a detector; no network is asked for anything.

        Args:
            path: a checkpoint of a training, a file of `runners/export.py` (`.safetensors`, `own.onnx`, OpenVINO's
                `.xml`) or its folder, where the first of these that is there counts, an ONNX file of PaddleOCR's, or
                the name of a detector that is shipped or that a package brings (`ppocrv6_small`). None: the shipped
                one, for receipts.
            device: `cpu`, `cuda`, `mps`, or `auto`: what the engine has.
            threads: of the network; None: as many as the engine chooses. Torch has them for the whole process.
            engine: None: the first of onnxruntime, OpenVINO and torch that is installed and can run the file.

        Raises:
            ocr.detection.metadata.DetectorError: if there is no such file, engine or device.
            ocr.starts.StartError: if a detector that is named cannot be had.
            ValueError: if an argument is out of its range.
        """
        return cls(*load_engine(None if path is None else Path(path), device, threads, engine))

    def __call__(
        self,
        images: AnyImage | Sequence[AnyImage],
        *,
        channels: Order = "rgb",
        order: WordOrder = "score",
        **settings: object,
    ) -> list[Words]:
        """Finds the words of one image or of several.

        Args:
            images: a path, the bytes of an image file, a Pillow image, an array (H, W) or (H, W, 3), or a list of them.
            channels: the order of an array's colours.
            order: `score`, best first, or `reading`: line by line.
            **settings: for this call only, by the names in `ocr.detection.reading.SETTINGS`, such as `box_thresh`.

        Returns:
            One list of words for each image, also where there is one image or no word, in pixels of the image as
            displayed: with the EXIF orientation applied.

        Raises:
            TypeError: if a setting is unknown, or an image is of another type; it gives the image's number.
            ValueError: if an image cannot be read (it names its file or number), a value is out of its range, or one
                that differs from the detector's does nothing here, such as `unclip_ratio` without `unclip="ratio"`.
        """
        check_order(channels)
        if order not in get_args(WordOrder):
            raise ValueError(f'expected order to be "score" or "reading", got {order!r}')
        reading = self.metadata.reading.asked(settings)
        several = images if isinstance(images, list | tuple) else [images]
        return [self._find(image, f"image {number}", reading, channels, order) for number, image in enumerate(several)]

    def predict(self, image: AnyImage, *, channels: Order = "rgb", name: str = "image") -> PredictedMap:
        """Runs the network once on an image; what it gives can be read with other settings again and again.

        Args:
            image: see `__call__`.
            channels: the order of an array's colours.
            name: what to call the image in errors; a path is called by itself.

        Raises:
            TypeError: if the image is of another type.
            ValueError: if it cannot be read.
        """
        check_order(channels)
        return self._predict(image, name, self.metadata.reading, channels)

    def _predict(self, image: AnyImage, name: str, reading: Reading, channels: Order) -> PredictedMap:
        pixels = read_pixels(image, name, channels)
        return PredictedMap(pixels, reading.predict(pixels, self.engine), reading)

    def _find(self, image: AnyImage, name: str, reading: Reading, channels: Order, order: WordOrder) -> Words:
        words = self._predict(image, name, reading, channels).words()
        if order == "score":
            return words
        ordered = [words[number] for number in reading_order([word.polygon for word in words])]
        return Words(ordered, width=words.width, height=words.height)
