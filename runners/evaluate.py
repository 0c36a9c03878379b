"""Score a checkpoint on a labelled split: `python runners/evaluate.py checkpoint_path=… split=val`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("evaluate")  # before torch is imported

import logging
from collections.abc import Sequence
from pathlib import Path

from baseline_code.files.claims import refuse_overwrite
from ocr.annotations.layout import labels_files
from ocr.datasets.word_counts import check_scorable
from ocr.report import Report, ReportedRun
from ocr.starts import checkpoint_file
from ocr.submission import PredictedImage
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector, read_labelled_splits
from runners.wiring.scored import explain_scores
from runners.wiring.training import count_trained_on

log = logging.getLogger(__name__)


@entry_point("evaluate")
def main(
    checkpoint_path: str,
    split: str | Sequence[str],
    limit: int | None,
    worst: int,
    output: str | None,
    overwrite: bool,
    report: str | None,
    **overrides: object,
) -> None:
    """Evaluates, prints the scores, the worst images and the kinds of error, and writes them where `output` says."""
    typed = Overrides.of(overrides)
    detector, settings = load_detector(checkpoint_path, typed, "val")
    if output is not None:
        read = _read_files(checkpoint_path, typed.calibration, Path(settings.datasets["root"]))
        refuse_overwrite(Path(output), overwrite=overwrite, read=read)
    images, splits = read_labelled_splits(settings, split)
    images = images.first(limit)
    images.check_sizes()
    check_scorable(images.annotations, str(split))
    page = None if report is None else Report(report)
    scores, found = detector.evaluate(images, None if page is None else page.add_map)
    polygons = {filename: detections.polygons for filename, detections in found.items()}
    errors = explain_scores(images.annotations, polygons, scores, worst=worst, output=output, splits=splits)
    count_trained_on([checkpoint_path], images.paths, typed)
    if page is not None:
        detections = {filename: PredictedImage(*detected) for filename, detected in found.items()}
        run = ReportedRun(str(checkpoint_path), detections, scores, errors)
        log.info("%s: open it in a browser", page.write(images, [run], splits))


def _read_files(checkpoint_path: str, calibration: str | None, root: Path) -> dict[str, Path]:
    """The files that are read, by the settings that name them; the labels of all splits."""
    labels = {f"split={path.stem}": path for path in labels_files(root)}
    calibrations = {} if calibration is None else {"calibration=": Path(calibration)}
    return {"checkpoint_path=": checkpoint_file(checkpoint_path), **calibrations, **labels}


if __name__ == "__main__":
    main()
