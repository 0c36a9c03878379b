"""A small report: three images, in which each kind of error but one occurs."""

import json

import numpy as np

from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation, Word
from ocr.error_analysis import analyse_errors
from ocr.geometry import scaling
from ocr.probability_maps import ImageMap
from ocr.report import Report, ReportedRun
from ocr.submission import PredictedImage
from ocr.submission.scoring import score_predictions
from tests.oracles.polygons import box
from tests.small_data import write_split

WIDTH, HEIGHT = 300, 200
LEFT, RIGHT = box(10, 10, 110, 30), box(120, 10, 220, 30)
BELOW, LAST = box(10, 60, 110, 80), box(10, 110, 110, 130)

LABELS = {
    "whole.png": [LEFT, RIGHT, BELOW],
    "merged & <split>.png": [LEFT, RIGHT, BELOW, LAST],
    "folder/background.png": [LEFT, BELOW],
}
FOUND = {
    "whole.png": [LEFT, RIGHT, BELOW],
    # two words as one; one in two parts; one too narrow, and nothing of the last
    "merged & <split>.png": [box(10, 10, 220, 30), box(10, 60, 50, 80), box(70, 60, 110, 80), box(10, 110, 50, 130)],
    "folder/background.png": [LEFT, box(10, 10, 60, 30), box(150, 150, 250, 170)],
}


def labels(ignored=("folder/background.png", 1)):
    """Annotations by file name; one word is ignored."""
    return {
        name: ImageAnnotation(
            name,
            WIDTH,
            HEIGHT,
            tuple(Word(word, (name, i) == ignored, f"{i:04d}", f"</script>{i}") for i, word in enumerate(words)),
        )
        for name, words in LABELS.items()
    }


def run_of(name, found, annotations):
    """A run whose detections have scores from 0.9 down."""
    detections = {
        file: PredictedImage(polygons, np.linspace(0.9, 0.5, len(polygons), dtype=np.float32))
        for file, polygons in found.items()
    }
    scores = score_predictions(annotations, detections)
    polygons = {file: image.polygons for file, image in detections.items()}
    return ReportedRun(name, detections, scores, analyse_errors(annotations.values(), polygons, scores))


def write_images(root):
    """The images of `LABELS`; their folder."""
    (root / "images/val/folder").mkdir(parents=True)
    write_split(
        root, "val", {name: (WIDTH, HEIGHT, [word.tolist() for word in words]) for name, words in LABELS.items()}
    )
    return root / "images" / "val"


def write_report(root, *, compared=False, maps=True):
    """Writes `root/report`; the page, and the runs that it shows."""
    annotations = labels()
    runs = [run_of("first", FOUND, annotations)]
    if compared:
        runs.append(run_of("second", {name: words[:2] for name, words in LABELS.items()}, annotations))
    report = Report(root / "report")
    if maps:
        for name in annotations:
            record = ImageRecord(name, WIDTH, HEIGHT, scaling(2.0))
            report.add_map(ImageMap(record, np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)))
    images = LabelledImages.in_folder(annotations.values(), write_images(root))
    splits = {name: name.partition(".")[0].partition("/")[0] for name in annotations}
    return report.write(images, runs, splits), runs


def data_of(page):
    """What the page's script reads."""
    text = page.read_text(encoding="utf-8")
    return json.loads(text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0])
