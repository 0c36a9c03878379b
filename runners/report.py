"""Show predictions image by image in an HTML page: `python runners/report.py predictions=… annotations=… images=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("report")  # before torch is imported

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from baseline_code.files.names import rename_like
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.reading import read_annotations
from ocr.annotations.words import ImageAnnotation
from ocr.datasets.word_counts import check_scorable
from ocr.error_analysis import analyse_errors
from ocr.probability_maps import MapCache
from ocr.report import Report, ReportedRun
from ocr.submission import read_predictions
from ocr.submission.prediction_folder import PREDICTIONS, file_of
from ocr.submission.scoring import check_coverage, score_predictions

log = logging.getLogger(__name__)


@entry_point("report")
def main(
    predictions: str | Sequence[str],
    annotations: str,
    images: str,
    maps: str | Sequence[str] | None,
    names: str | Sequence[str] | None,
    output: str,
) -> None:
    """Scores one prediction or two, and writes the page with its images."""
    paths, folders, titles = map(_as_list, (predictions, maps, names))
    for key, values in (("maps", folders), ("names", titles)):
        if values and len(values) != len(paths):
            raise ValueError(f"expected {key} for each of the {len(paths)} predictions, got {len(values)}")
    titles = titles or paths
    if len(set(titles)) < len(titles):
        raise ValueError(f"expected predictions of different names, got {', '.join(titles)}: give other names=[…]")
    labels = read_annotations(annotations, confidences="refuse")
    labelled = LabelledImages.in_folder(labels.values(), Path(images))
    labelled.check_sizes()
    check_scorable(labels.values(), annotations)
    report = Report(output)
    runs = [_read_run(Path(path), title, labels) for path, title in zip(paths, titles, strict=True)]
    for number, folder in enumerate(folders):
        report.add_maps(MapCache(folder), number)
    page = report.write(labelled, runs)
    log.info("%s: open it in a browser", page)


def _as_list(value: str | Sequence[str] | None) -> list[str]:
    """None is nothing, and one text a list of one."""
    return [value] if isinstance(value, str) else list(value or [])


def _read_run(path: Path, name: str, annotations: Mapping[str, ImageAnnotation]) -> ReportedRun:
    predictions = read_predictions(file_of(path, PREDICTIONS))
    check_coverage(annotations, predictions)
    scores = score_predictions(annotations, predictions)
    found = rename_like(predictions, annotations)
    polygons = {filename: image.polygons for filename, image in found.items()}
    return ReportedRun(name, found, scores, analyse_errors(annotations.values(), polygons, scores))


if __name__ == "__main__":
    main()
