"""Score a checkpoint on a labelled split: `python runners/evaluate.py checkpoint_path=… split=val`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("evaluate")  # before torch is imported

import logging

from omegaconf import DictConfig

from ocr.datasets.word_counts import check_scorable
from ocr.report import Report, ReportedRun
from ocr.submission import PredictedImage
from runners.wiring.detector import load_detector, read_parts
from runners.wiring.scored import explain_scores

log = logging.getLogger(__name__)


@entry_point("evaluate")
def main(config: DictConfig) -> None:
    """Evaluates, prints the scores, the worst images and the kinds of error, and writes them where `output` says."""
    detector, settings = load_detector(config.checkpoint_path, config, "val")
    images, splits = read_parts(settings, config.split)
    images = images.first(config.limit)
    images.check_sizes()
    check_scorable(images.annotations, str(config.split))
    report = None if config.report is None else Report(config.report)
    scores, found = detector.evaluate(images, None if report is None else report.add_map)
    polygons = {filename: detections.polygons for filename, detections in found.items()}
    errors = explain_scores(
        images.annotations, polygons, scores, worst=config.worst, output=config.output, parts=splits
    )
    if report is not None:
        detections = {filename: PredictedImage(*detected) for filename, detected in found.items()}
        run = ReportedRun(str(config.checkpoint_path), detections, scores, errors)
        log.info("%s: open it in a browser", report.write(images, [run], splits))


if __name__ == "__main__":
    main()
