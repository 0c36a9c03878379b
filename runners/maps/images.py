"""Text of pictures without labels by a loaded detector, and its probability maps where they are to be kept."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple, cast

from omegaconf import DictConfig

from ocr.annotations.records import ImageRecord, UnreadableImage
from ocr.datasets.selection import Pictures
from ocr.lightning_modules import BatchPrediction, TextDetectionModule
from ocr.postprocess import Detections
from ocr.probability_maps import MapCacheWriter, PictureMap, file_sha256
from ocr.transforms.tta_views import TTAViews
from runners.wiring.detector import build_datamodule
from runners.wiring.trainers import build_inference_trainer


class PicturePredictions(NamedTuple):
    """What was found in each picture that could be read, in original pixels, and the files that could not."""

    found: list[tuple[ImageRecord, Detections]]
    unreadable: list[UnreadableImage]


def predict_pictures(
    module: TextDetectionModule,
    settings: DictConfig,
    images: Pictures,
    views: TTAViews | None = None,
    writer: MapCacheWriter | None = None,
) -> PicturePredictions:
    """Finds text, in the order of the pictures; post-processing and writing of maps run beside the network.

    Args:
        module: as `load_module` gives it.
        settings: its settings.
        images: which pictures.
        views: how each is looked at; None: once, as the test part is.
        writer: takes the map of each picture that can be read; left open.

    Raises:
        ocr.lightning_modules.background.BackgroundError: if a picture's map cannot be worked on or written.
    """
    loader = build_datamodule(settings).image_dataloader(images.folders, images.filenames, views)
    paths = {name: folder / name for folder, name in zip(images.folders, images.filenames, strict=True)}

    def keep(writer: MapCacheWriter, picture: PictureMap) -> None:
        writer.add(picture, file_sha256(paths[picture.record.filename]))

    module.keep_map = None if writer is None else partial(keep, writer)
    batches = cast(list[BatchPrediction], build_inference_trainer(settings).predict(module, loader))
    return PicturePredictions(
        [prediction for batch in batches for prediction in batch.predictions],
        [image for batch in batches for image in batch.unreadable],
    )
