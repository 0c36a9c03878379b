"""Find text: `python runners/predict.py checkpoint_path=… images=…` writes a prediction JSON and a leaderboard CSV."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("predict")  # before torch is imported

import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from omegaconf import DictConfig

from ocr.annotations.records import ImageRecord
from ocr.datasets.selection import select_images
from ocr.experiments.recording import record_submission
from ocr.experiments.validated_scores import validated_scores
from ocr.inference.map_caching import find_and_keep
from ocr.inference.predictor import Predictor
from ocr.postprocess import Detections
from ocr.probability_maps import MapCacheWriter
from ocr.submission.prediction_folder import claimed_folder, write_prediction_folder
from ocr.visualization.overlays import write_overlays
from runners.cli.settings import plain, without_nulls
from runners.wiring.commit import git_commit
from runners.wiring.detector import load_detector
from runners.wiring.named_detectors import checkpoint_file
from runners.wiring.parts import SIZE, build_letterbox

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
    detector, settings = load_detector(config.checkpoint_path, config)
    images = select_images(config.images, Path(settings.datasets.root), recursive=config.recursive)
    if config.save_maps is None:
        found, unreadable = detector.find(images)
    else:
        options = {"bits": config.save_maps_bits, "overwrite": config.overwrite}
        with MapCacheWriter(config.save_maps, source=detector.source, **options) as writer:
            found, unreadable = find_and_keep(detector, images, writer)
    write_prediction_folder(output, images.filenames, found, unreadable)
    _record(output, config, settings, detector)
    if config.overlays:
        write_overlays(output / "overlays", images.folder, found)
    log.info("%d images, %d unreadable; predictions lie in %s", len(images.filenames), len(unreadable), output)
    _log_empty(found)
    for image in unreadable:
        log.warning("%s", image.reason)
    if unreadable:
        sys.exit(EXIT_UNREADABLE)


def _record(output: Path, config: DictConfig, settings: DictConfig, detector: Predictor) -> None:
    """Notes how the submission was made, with its validation scores where they are those of its settings."""
    views = detector.views
    sizes = {name: {key: config.datasets[name][key] for key in SIZE} for name in ("val", "test")}
    typed = {"head": plain(config.models.head), "padding": config.datasets.padding, "calibration": config.calibration}
    as_validated = build_letterbox(settings, "val") == views.base and views.is_plain
    as_trained = as_validated and not without_nulls(typed | sizes)
    record_submission(
        output,
        checkpoints=[checkpoint_file(config.checkpoint_path)],
        settings={
            "models": {"head": plain(settings.models.head, resolve=True)},
            **asdict(views.base),
            "tta": {} if views.is_plain else views.settings,
            "calibration": config.calibration,
        },
        validation=validated_scores(config.checkpoint_path) if as_trained else None,
        commit=git_commit(),
        ledger=None if config.ledger is None else Path(config.ledger),
    )


def _log_empty(found: Sequence[tuple[ImageRecord, Detections]]) -> None:
    """Says in how many images nothing was found."""
    empty = [record.filename for record, detections in found if not detections.polygons]
    if empty:
        listed = ", ".join(empty[:LISTED]) + (" …" if len(empty) > LISTED else "")
        log.warning("no word found in %d images: %s", len(empty), listed)


if __name__ == "__main__":
    main()
