"""The page and its files, without a browser."""

import re
import unicodedata
from urllib.parse import unquote

import cv2
import numpy as np
import pytest

from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.records import ImageRecord
from ocr.annotations.words import ImageAnnotation, Word
from ocr.error_analysis import KINDS
from ocr.geometry import scaling
from ocr.probability_maps import ImageMap
from ocr.report import Report
from ocr.report.thresholds import score_over_thresholds
from ocr.submission import PredictedImage
from tests.report.reports import BELOW, FOUND, HEIGHT, LABELS, LEFT, WIDTH, data_of, labels, run_of, write_report
from tests.small_data import write_split


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_report(tmp_path_factory.mktemp("report"))


def test_the_page_holds_every_image_with_the_errors_of_the_evaluator(written):
    page, (run,) = written
    images = data_of(page)["images"]
    assert [image["name"] for image in images] == list(LABELS)
    for image in images:
        (shown,), errors = image["runs"], run.errors.images[image["name"]]
        assert [(word, KINDS[kind]) for word, kind, *_ in shown["missed"]] == [one[:2] for one in errors.missed]
        assert [(found, KINDS[kind]) for found, kind, _ in shown["false"]] == [one[:2] for one in errors.false]
        assert shown["cleval"][2] == run.scores.images[image["name"]].cleval.hmean
        assert len(image["words"]) == len(LABELS[image["name"]])
        assert shown["detections"] == [polygon.reshape(-1).tolist() for polygon in FOUND[image["name"]]]
    assert [image["ignored"] for image in images] == [[], [], [1]]
    assert [image["split"] for image in images] == ["whole", "merged & <split>", "folder"]


def test_a_row_for_each_kind_has_its_counts_and_what_it_costs(written):
    page, (run,) = written
    text, before = page.read_text(encoding="utf-8"), run.errors.hmeans
    for kind in KINDS:
        row = text.partition(f'<tr data-kind="{kind}"')[2].partition("</tr>")[0]
        solved = run.errors.solved.get(kind)
        gains = (
            ["", ""] if solved is None else [f"{solved.cleval - before.cleval:+.4f}", f"{solved.iou - before.iou:+.4f}"]
        )
        counts = [str(side.get(kind, "")) for side in (run.errors.missed, run.errors.false)]
        assert re.findall(r'<td(?: class="gain")?>(.*?)</td>', row) == [*counts, *gains]


def test_texts_of_labels_and_files_cannot_end_the_script_or_become_elements(written):
    text = written[0].read_text(encoding="utf-8")
    assert text.count("</script>") == 2
    assert "<split>" not in text
    assert data_of(written[0])["images"][0]["texts"][0] == "</script>0"


def test_each_image_has_its_files_beside_the_page(written):
    folder = written[0].parent
    for name in LABELS:
        for size in ("large", "small"):
            shape = cv2.imread(str(folder / f"images/{size}/{name}.jpg")).shape
            assert shape[:2] == ((HEIGHT, WIDTH) if size == "large" else (160, 240))
        levels = cv2.imread(str(folder / f"images/maps_0/{name}.png"), cv2.IMREAD_UNCHANGED)
        assert levels.shape == (HEIGHT // 2, WIDTH // 2, 4)
        assert (levels[:, :, 3] == 128).all()  # the more transparent the less probable
    image = data_of(written[0])["images"][1]
    assert image["large"] == "images/large/merged%20%26%20%3Csplit%3E.png.jpg"
    assert image["runs"][0]["map"] == "images/maps_0/merged%20%26%20%3Csplit%3E.png.png"


def test_a_report_replaces_an_earlier_one_and_nothing_else(written, tmp_path):
    assert Report(written[0].parent)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(FileExistsError, match="holds something else than a report: choose another folder"):
        Report(tmp_path)
    (tmp_path / "index.html").write_text("<!doctype html><title>My site</title>")
    with pytest.raises(FileExistsError, match="holds something else than a report: choose another folder"):
        Report(tmp_path)
    for runs in ([], [written[1][0]] * 3):
        with pytest.raises(ValueError, match=f"expected one run or two, got {len(runs)}"):
            Report(tmp_path / "new").write(None, runs)


def test_a_report_whose_writing_was_interrupted_is_known_for_one(tmp_path):
    record = ImageRecord("a.png", WIDTH, HEIGHT, scaling(2.0))
    image_map = ImageMap(record, np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8))
    Report(tmp_path / "report").add_map(image_map)  # and nothing more
    assert "This report is not finished" in (tmp_path / "report/index.html").read_text(encoding="utf-8")
    page, _ = write_report(tmp_path)
    assert page == tmp_path / "report/index.html"
    whole = page.read_text(encoding="utf-8")
    Report(page.parent).add_map(image_map)  # an earlier report stays until the next one is whole
    assert page.read_text(encoding="utf-8") == whole
    page.unlink()
    with pytest.raises(FileExistsError, match="holds something else than a report"):
        Report(page.parent)


def test_scores_over_thresholds_keep_what_is_at_least_as_sure():
    annotations = [label for name, label in labels().items() if name == "whole.png"]
    found = PredictedImage([LEFT, BELOW], np.array([0.92, 0.71], np.float32))
    curve = score_over_thresholds(annotations, {"whole.png": found})
    assert [point.threshold for point in curve] == pytest.approx([0.7, 0.72, *np.arange(0.74, 0.93, 0.02)])
    assert [point.scores.iou.recall for point in curve] == pytest.approx([2 / 3] + [1 / 3] * 11)
    assert curve[0].scores.cleval.precision == 1


def test_without_scores_or_detections_there_is_no_curve():
    annotations = list(labels().values())
    assert score_over_thresholds(annotations, {"whole.png": PredictedImage([LEFT], None)}) == []
    assert score_over_thresholds(annotations, {}) == []


def test_a_map_is_found_by_the_name_of_its_image_in_another_unicode_form(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "영수증.png") for form in ("NFC", "NFD"))
    annotations = {composed: ImageAnnotation(composed, WIDTH, HEIGHT, (Word(LEFT),))}
    write_split(tmp_path, "val", {composed: (WIDTH, HEIGHT, [LEFT.tolist()])})
    report = Report(tmp_path / "report")
    record = ImageRecord(decomposed, WIDTH, HEIGHT, scaling(2.0))
    report.add_map(ImageMap(record, np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)))
    images = LabelledImages(list(annotations.values()), [tmp_path / "images/val"])
    page = report.write(images, [run_of("first", {composed: [LEFT]}, annotations)])
    path = data_of(page)["images"][0]["runs"][0]["map"]
    assert (tmp_path / "report" / unquote(path)).is_file()


def test_a_run_that_found_nothing_and_has_no_scores_is_shown_too(tmp_path):
    annotations = labels()
    page, runs = write_report(tmp_path, maps=False)
    nothing = run_of("nothing", {}, annotations)
    assert nothing.scores.cleval.hmean == 0
    assert data_of(page)["images"][0]["runs"][0]["map"] is None
    assert runs[0].errors.missed == {"none": 0, "merged": 2, "split": 1, "loose": 1}
