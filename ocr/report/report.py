"""A report of one run or of two: `index.html`, and the images that it shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import jinja2

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.names import same_name
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.words import ImageAnnotation
from ocr.error_analysis import KINDS, ErrorAnalysis
from ocr.metrics import EvaluationResult
from ocr.probability_maps import ImageMap, MapCache
from ocr.report.charts import FOUND, GREY, KIND_COLOURS, draw_distributions, draw_missed, draw_thresholds
from ocr.report.contents import ImageFiles, describe_image, describe_run, write_image_files, write_map_file
from ocr.report.thresholds import score_over_thresholds
from ocr.submission import PredictedImage
from ocr.visualization.errors import MEANINGS, advice

PAGE, IMAGES = "index.html", "images"
MARK = b'<meta name="generator" content="dbnet-training report">'
"""The line near the top of a page by which it is known for a report."""
UNFINISHED = f"""<!doctype html>
<html lang="en">
{MARK.decode()}
<meta charset="utf-8">
<title>Not finished</title>
<p>This report is not finished. Where no command is writing it any more, run the command again.</p>
</html>
"""
"""The page until the whole one takes its place: a report that is interrupted is known for one."""
_HEAD = 1000  # bytes of a page in which the mark is looked for
MOST_RUNS = 2


class ReportedRun(NamedTuple):
    """What one detector, or one setting, found."""

    name: str
    detections: Mapping[str, PredictedImage]  # by file name, best first; an image that is missing has none
    scores: EvaluationResult
    errors: ErrorAnalysis


class Report:
    """A folder with the page and its images.

    Args:
        folder: a new or empty one, or one that holds an earlier report, which is replaced.

    Raises:
        FileExistsError: if it holds something else, a page of others among it.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if self.folder.exists() and any(self.folder.iterdir()) and not _is_report(self.folder / PAGE):
            raise FileExistsError(f"{folder} holds something else than a report: choose another folder")
        self._maps: dict[tuple[int, str], str] = {}

    def add_map(self, image_map: ImageMap, run: int = 0) -> None:
        """Keeps a probability map, to be laid over its image; threads may call it.

        Args:
            image_map: of an image.
            run: the place of its run in `write`.
        """
        self._begin()
        name = image_map.record.filename
        path = f"{IMAGES}/maps_{run}/{name}.png"
        write_map_file(image_map.probability, self.folder / path)
        self._maps[run, same_name(name)] = path

    def add_maps(self, cache: MapCache, run: int = 0) -> None:
        """Keeps all maps of a cache, as `add_map` does one.

        Raises:
            ocr.probability_maps.CacheError: if one is missing or damaged.
        """
        for filename in cache.filenames:
            self.add_map(cache.read(filename), run)

    def write(
        self, images: LabelledImages, runs: Sequence[ReportedRun], splits: Mapping[str, str] | None = None
    ) -> Path:
        """Writes images and page.

        Args:
            images: labels, and the folders of the images.
            runs: one, or two to be compared.
            splits: the split or fold of each image, by file name.

        Returns:
            The page.

        Raises:
            ValueError: if there are no runs, or more than two.
            baseline_code.images.reading.ImageReadError: if an image cannot be read.
        """
        if not 0 < len(runs) <= MOST_RUNS:
            raise ValueError(f"expected one run or two, got {len(runs)}")
        self._begin()
        described = [
            self._describe(label, path, runs, (splits or {}).get(label.filename, ""))
            for label, path in zip(images.annotations, images.paths, strict=True)
        ]
        page = self.folder / PAGE
        write_text_atomic(page, render(described, runs, images.annotations))
        return page

    def _begin(self) -> None:
        """Marks a folder that has no page as a report, before anything else is in it."""
        page = self.folder / PAGE
        if not page.exists():
            write_text_atomic(page, UNFINISHED)

    def _describe(
        self, label: ImageAnnotation, source: Path, runs: Sequence[ReportedRun], split: str
    ) -> dict[str, Any]:
        name = label.filename
        large, small = (f"{IMAGES}/{size}/{name}.jpg" for size in ("large", "small"))
        width, height = write_image_files(source, self.folder / large, self.folder / small)
        maps = [self._maps.get((number, same_name(name))) for number in range(len(runs))]
        files = ImageFiles(quote(large), quote(small), width, height)
        found = [
            describe_run(
                run.detections.get(name, PredictedImage([], None)),
                run.errors.images[name],
                run.scores.images[name],
                None if path is None else quote(path),
            )
            for run, path in zip(runs, maps, strict=True)
        ]
        return describe_image(label, files, split, found)


def _is_report(page: Path) -> bool:
    if not page.is_file():
        return False
    with page.open("rb") as file:
        return MARK in file.read(_HEAD)


def render(
    images: Sequence[Mapping[str, Any]], runs: Sequence[ReportedRun], annotations: Sequence[ImageAnnotation]
) -> str:
    """The page.

    Args:
        images: as `describe_image` gives them.
        runs: one or two.
        annotations: labels of the images.
    """
    folder = resources.files("ocr.report") / "page"
    style, script, template = (
        (folder / name).read_text(encoding="utf-8") for name in ("report.css", "report.js", "report.html")
    )
    curves = {run.name: score_over_thresholds(annotations, run.detections) for run in runs}
    charts = [draw_distributions({run.name: run.scores for run in runs})]
    if all(curves.values()):
        charts.append(draw_thresholds(curves))
    data = {
        "kinds": [{"name": kind, "meaning": MEANINGS[kind], "colour": KIND_COLOURS[kind]} for kind in KINDS],
        "found": FOUND,
        "grey": GREY,
        "runs": [run.name for run in runs],
        "images": images,
    }
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(template).render(
        style=style,
        script=script,
        missed=[draw_missed(run.errors, run.name) for run in runs],
        charts=charts,
        runs=runs,
        colours=KIND_COLOURS,
        meanings=MEANINGS,
        advice=[advice(run.errors) for run in runs],
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    )
