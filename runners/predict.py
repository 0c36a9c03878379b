"""Find text: `python runners/predict.py checkpoint_path=… images=…` writes a prediction JSON and a leaderboard CSV."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("predict")  # before torch is imported

import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from baseline_code.files.names import default_output
from ocr.datasets.selection import select_images
from ocr.experiments.provenance import git_commit
from ocr.experiments.recording import record_submission, validated_scores
from ocr.inference.map_caching import find_and_keep
from ocr.probability_maps import MapCacheWriter
from ocr.starts import checkpoint_file
from ocr.submission.prediction_folder import OVERLAYS, claimed_folder, write_prediction_folder
from ocr.transforms.tta_views import TTAViews
from ocr.visualization.overlays import write_overlays
from runners.cli.exit_status import EXIT_UNREADABLE
from runners.cli.settings import Settings, without_nulls
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector, split_root
from runners.wiring.parts import SIZE, build_letterbox

log = logging.getLogger(__name__)


@entry_point("predict")
def main(
    checkpoint_path: str,
    images: str,
    recursive: bool,
    output: str | None,
    overwrite: bool,
    overlays: bool,
    save_maps: str | None,
    save_maps_bits: Literal[8, 16],
    ledger: str | None,
    **overrides: object,
) -> None:
    """Predicts and writes; exits with status 3 where a file could not be read."""
    typed = Overrides.of(overrides)
    with claimed_folder(output, default_output(), overwrite=overwrite) as folder:
        detector, settings = load_detector(checkpoint_path, typed)
        chosen = select_images(images, split_root(settings, images), recursive=recursive)
        if save_maps is None:
            found, unreadable = detector.find(chosen)
        else:
            with MapCacheWriter(save_maps, bits=save_maps_bits, source=detector.source, overwrite=overwrite) as writer:
                found, unreadable = find_and_keep(detector, chosen, writer)
        write_prediction_folder(folder, chosen.filenames, found, unreadable)
        record_submission(
            folder,
            checkpoints=[checkpoint_file(checkpoint_path)],
            settings={
                "models": {"head": settings.models["head"]},
                **asdict(detector.views.base),
                "tta": {} if detector.views.is_plain else detector.views.settings,
                "calibration": typed.calibration,
            },
            validation=validated_scores(checkpoint_path) if _is_as_trained(typed, settings, detector.views) else None,
            commit=git_commit(),
            ledger=None if ledger is None else Path(ledger),
        )
        if overlays:
            write_overlays(folder / OVERLAYS, chosen.folder, found)
        log.info("%d images, %d unreadable; predictions are in %s", len(chosen.filenames), len(unreadable), folder)
        for image in unreadable:
            log.warning("%s", image.reason)
        if unreadable:
            sys.exit(EXIT_UNREADABLE)


def _is_as_trained(typed: Overrides, settings: Settings, views: TTAViews) -> bool:
    """Whether the checkpoint was validated as it predicts here: then it has the same scores."""
    sizes = {name: {key: typed.datasets[name][key] for key in SIZE} for name in ("val", "test")}
    more = {
        "head": typed.models["head"],
        "padding": typed.datasets["padding"],
        "precision": typed.trainer["precision"],
        "calibration": typed.calibration,
    }
    as_validated = build_letterbox(settings, "val") == views.base and views.is_plain
    return as_validated and not without_nulls(more | sizes)


if __name__ == "__main__":
    main()
