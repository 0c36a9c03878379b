"""Text of images without labels by a loaded detector, and its probability maps where they are to be kept."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple, cast

from omegaconf import DictConfig

from ocr.annotations.records import ImageRecord, UnreadableImage
from ocr.datasets.selection import Images
from ocr.lightning_modules import BatchPrediction, TextDetectionModule
from ocr.postprocess import Detections
from ocr.probability_maps import ImageMap, MapCacheWriter, file_sha256
from ocr.transforms.tta_views import TTAViews
from runners.wiring.detector import build_datamodule
from runners.wiring.trainers import build_inference_trainer


class ImagePredictions(NamedTuple):
    """What was found in each image that could be read, in original pixels, and the files that could not."""

    found: list[tuple[ImageRecord, Detections]]
    unreadable: list[UnreadableImage]


def predict_images(
    module: TextDetectionModule,
    settings: DictConfig,
    images: Images,
    views: TTAViews | None = None,
    writer: MapCacheWriter | None = None,
) -> ImagePredictions:
    """Finds text, in the order of the images; post-processing and writing of maps run beside the network.

    Args:
        module: as `load_module` gives it.
        settings: its settings.
        images: which images.
        views: how each is looked at; None: once, as the test part is.
        writer: takes the map of each image that can be read; left open.

    Raises:
        ocr.lightning_modules.background.BackgroundError: if an image's map cannot be worked on or written.
    """
    loader = build_datamodule(settings).image_dataloader(images.folders, images.filenames, views)
    paths = {name: folder / name for folder, name in zip(images.folders, images.filenames, strict=True)}

    def keep(writer: MapCacheWriter, image_map: ImageMap) -> None:
        writer.add(image_map, file_sha256(paths[image_map.record.filename]))

    module.keep_map = None if writer is None else partial(keep, writer)
    batches = cast(list[BatchPrediction], build_inference_trainer(settings).predict(module, loader))
    return ImagePredictions(
        [prediction for batch in batches for prediction in batch.predictions],
        [image for batch in batches for image in batch.unreadable],
    )
