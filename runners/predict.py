"""Find text: `python runners/predict.py checkpoint_path=… images=…` writes a prediction JSON and a leaderboard CSV."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("predict")  # before torch is imported

import logging
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

from omegaconf import DictConfig

from ocr.annotations.records import ImageRecord
from ocr.datasets.selection import select_images
from ocr.postprocess import Detections
from ocr.probability_maps import MapCacheWriter
from ocr.submission.prediction_folder import claimed_folder, write_prediction_folder
from ocr.transforms.tta_views import TTAViews
from ocr.visualization import write_overlays
from runners.maps.caching import describe_source
from runners.maps.images import predict_images
from runners.maps.record import record_prediction
from runners.wiring.detector import build_tta_views, load_module

EXIT_UNREADABLE = 3
LISTED = 5

log = logging.getLogger(__name__)


@entry_point("predict")
def main(config: DictConfig) -> None:
    """Predicts and writes; exits with status 3 where a file could not be read."""
    default = f"submissions/{datetime.now():%Y-%m-%d_%H-%M-%S}"
    with claimed_folder(config.output, default, overwrite=config.overwrite) as output:
        _predict(config, output)


def _predict(config: DictConfig, output: Path) -> None:
    module, settings = load_module(config.checkpoint_path, config)
    images = select_images(config.images, Path(settings.datasets.root), recursive=config.recursive)
    views = build_tta_views(config, settings, "test")
    with _map_writer(config, settings, views) as writer:
        found, unreadable = predict_images(module, settings, images, views, writer)
        if writer is not None:
            writer.close(images.filenames)
    write_prediction_folder(output, images.filenames, found, unreadable)
    record_prediction(output, config, settings, views)
    if config.overlays:
        write_overlays(output / "overlays", images.folder, found)
    log.info("%d images, %d unreadable; predictions lie in %s", len(images.filenames), len(unreadable), output)
    _log_empty(found)
    for image in unreadable:
        log.warning("%s", image.reason)
    if unreadable:
        sys.exit(EXIT_UNREADABLE)


def _log_empty(found: Sequence[tuple[ImageRecord, Detections]]) -> None:
    """Says in how many images nothing was found."""
    empty = [record.filename for record, detections in found if not detections.polygons]
    if empty:
        listed = ", ".join(empty[:LISTED]) + (" …" if len(empty) > LISTED else "")
        log.warning("%d images, 0 words found in %d of them: %s", len(found), len(empty), listed)


def _map_writer(
    config: DictConfig, settings: DictConfig, views: TTAViews
) -> AbstractContextManager[MapCacheWriter | None]:
    """What keeps the maps in `save_maps`; nothing where that is null."""
    if config.save_maps is None:
        return nullcontext()
    source = describe_source(config.checkpoint_path, settings, views)
    return MapCacheWriter(config.save_maps, bits=config.save_maps_bits, source=source, overwrite=config.overwrite)


if __name__ == "__main__":
    main()
