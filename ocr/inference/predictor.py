"""A detector over the images of a data set: built once from a checkpoint, then asked for maps, words or scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import torch
from rich.progress import track
from torch import Tensor

from baseline_code.images.unreadable import UnreadableImage
from baseline_code.models.normalisation import Normalisation
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation
from ocr.datasets.evaluation import evaluation_loader
from ocr.datasets.selection import Images
from ocr.inference.background import Background
from ocr.inference.image_maps import PendingMap, run_network
from ocr.metrics import EvaluationResult, Evaluator, score_image
from ocr.metrics.evaluator import ImageScore
from ocr.models import TextDetector
from ocr.postprocess import DBPostProcess, Detections
from ocr.probability_maps import ImageMap, read_words
from ocr.transforms.tta_views import TTAViews

T = TypeVar("T")
AUTOCAST = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}
"""Trained with these values of `trainer.precision`, a network runs in these types; with any other in float32."""


class Found(NamedTuple, Generic[T]):
    """What was made of each image that could be read, in their order, and the files that could not."""

    images: list[tuple[ImageRecord, T]]
    unreadable: list[UnreadableImage]


class Evaluated(NamedTuple):
    """What was found in labelled images, and how good that is."""

    scores: EvaluationResult
    detections: dict[str, Detections]  # by file name


@dataclass(frozen=True)
class Predictor:
    """A network, how images are laid into its input, and how its maps are read; for use, not for training.

    Args:
        network: trained, in evaluation mode; it is moved to `device`.
        postprocess: probability map -> polygons.
        views: how each image is seen: plainly, or in several views whose maps are fused.
        batch_size: images per forward pass, at most.
        num_workers: processes that load images; 0: none.
        precision: of the training: `32-true`, `bf16-mixed` or `16-mixed`.
        device: where the network runs: `cpu`, `cuda` or `mps`.
        source: what changes its maps (checkpoint, size, views, …) and, for people, the commit; plain JSON.
        training_paths: gives the image files that it was trained on, None where the detector does not say; it may raise
            ValueError or OSError where these are not there any more.
    """

    network: TextDetector
    postprocess: DBPostProcess
    views: TTAViews
    batch_size: int = 4
    num_workers: int = 0
    precision: str = "32-true"
    device: str = "cpu"
    source: Mapping[str, Any] = field(default_factory=dict)
    training_paths: Callable[[], list[Path] | None] = list

    def __post_init__(self) -> None:
        self.network.to(self.device)

    def find(self, images: Images, use_map: Callable[[ImageMap], None] | None = None) -> Found[Detections]:
        """Words of images without labels, in original pixels, best first.

        Args:
            images: which ones.
            use_map: called with each image's map, by a thread: to keep it, say.

        Raises:
            ocr.inference.background.BackgroundError: if the work on a map failed; it names the image.
        """

        def read(image_map: ImageMap) -> Detections:
            if use_map is not None:
                use_map(image_map)
            return read_words(image_map, self.postprocess)

        return self.run(without_labels(images), read, unreadable="report")

    def evaluate(self, images: LabelledImages, use_map: Callable[[ImageMap], None] | None = None) -> Evaluated:
        """Words of labelled images, and their scores.

        Args:
            images: which ones.
            use_map: called with each image's map, by a thread.

        Raises:
            baseline_code.images.reading.ImageReadError: if one cannot be read: its scores would not compare.
        """

        def score(image_map: ImageMap) -> tuple[ImageScore, Detections]:
            if use_map is not None:
                use_map(image_map)
            record, found = image_map.record, read_words(image_map, self.postprocess)
            return score_image(record.polygons, record.ignore, found.polygons, found.scores), found

        evaluator = Evaluator()
        scored = self.run(images, score).images
        evaluator.merge({record.filename: image_score for record, (image_score, _) in scored})
        return Evaluated(evaluator.compute(), {record.filename: found for record, (_, found) in scored})

    def run(
        self, images: LabelledImages, job: Callable[[ImageMap], T], *, unreadable: Literal["raise", "report"] = "raise"
    ) -> Found[T]:
        """Predicts the map of each image and hands it to a job, which runs in threads beside the network.

        Args:
            images: which ones; without words where there are no labels.
            job: what to do with a map.
            unreadable: `raise` the loader's error, or `report` the file.

        Raises:
            ocr.inference.background.BackgroundError: if a job failed; it names the image.
        """
        loader = evaluation_loader(
            images,
            self.views,
            batch_size=self.batch_size,
            num_workers=self.num_workers,
            unreadable=unreadable,
        )

        def work(pending: PendingMap) -> T:
            return job(pending.read())

        background = Background()
        futures: list[tuple[ImageRecord, Future[T]]] = []
        left_out: list[UnreadableImage] = []
        with torch.inference_mode(), self._autocast():
            network = self._build_network()
            for batch in track(loader, "images", transient=True):
                for pending in run_network(network, batch.to(self.device)):
                    futures.append((pending.record, background.submit(pending.record.filename, work, pending)))
                left_out += batch.unreadable
        return Found([(record, future.result()) for record, future in futures], left_out)

    def _build_network(self) -> Callable[[Tensor], Tensor]:
        normalise = Normalisation().to(self.device)
        return lambda images: self.network.predict_probability(normalise(images))

    def _autocast(self) -> AbstractContextManager[Any]:
        dtype = AUTOCAST.get(self.precision)
        return nullcontext() if dtype is None else torch.autocast(self.device, dtype)


def without_labels(images: Images) -> LabelledImages:
    """Images as labelled ones without words."""
    blank = [ImageAnnotation(name) for name in images.filenames]
    return LabelledImages(blank, list(images.folders))
