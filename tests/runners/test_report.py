"""`runners/report.py`: prediction files and maps as a page."""

import json

import pytest
from PIL import Image

from ocr.annotations.faults import AnnotationError
from runners.report import main
from tests.commands import composed, output, run
from tests.report.reports import data_of, labels, write_images
from tests.small_data import block

WORD = "10 10 110 10 110 30 10 30"


@pytest.fixture
def submissions(tmp_path):
    """Labels, images, and two prediction files, of which the second finds a word less."""
    write_images(tmp_path)
    rows = {"first": f"{WORD}|120 10 220 10 220 30 120 30", "second": WORD}
    for name, field in rows.items():
        (tmp_path / f"{name}.csv").write_text("filename,polygons\n" + "".join(f"{file},{field}\n" for file in labels()))
    return tmp_path


def typed(folder, *more):
    place = (f"annotations={folder}/jsons/val.json", f"images={folder}/images/val", f"output={folder}/report")
    return (*place, *more)


def test_predictions_become_a_page_that_is_named(submissions):
    result = run("report", f"predictions={submissions}/first.csv", *typed(submissions, "names=mine"))
    assert result.returncode == 0, output(result)
    assert f"{submissions}/report/index.html: open it in a browser" in output(result)
    data = data_of(submissions / "report/index.html")
    assert data["runs"] == ["mine"]
    assert [len(image["runs"][0]["matched"]) for image in data["images"]] == [2, 2, 1]


def test_two_predictions_are_shown_side_by_side(submissions):
    both = f"predictions=[{submissions}/first.csv,{submissions}/second.csv]"
    main(composed("report", both, *typed(submissions)))
    data = data_of(submissions / "report/index.html")
    assert data["runs"] == [f"{submissions}/first.csv", f"{submissions}/second.csv"]
    assert [len(run["detections"]) for run in data["images"][0]["runs"]] == [2, 1]
    with pytest.raises(ValueError, match="expected names for each of the 2 predictions, got 1"):
        main(composed("report", both, *typed(submissions, "names=[mine]")))
    with pytest.raises(ValueError, match=r"expected predictions of different names, got mine, mine: give other names="):
        main(composed("report", both, *typed(submissions, "names=[mine,mine]")))  # charts have one curve for a name


def test_a_folder_of_predictions_is_read_with_its_scores(submissions):
    words = {"0001": {"points": block(10, 10, 100, 20), "confidence": 0.75}}
    (submissions / "mine").mkdir()
    predictions = {"images": {name: {"img_w": 300, "img_h": 200, "words": words} for name in labels()}}
    (submissions / "mine/predictions.json").write_text(json.dumps(predictions))
    main(composed("report", f"predictions={submissions}/mine", *typed(submissions)))
    assert data_of(submissions / "report/index.html")["images"][0]["runs"][0]["scores"] == [0.75]


def test_labels_of_images_of_another_size_are_refused_before_anything_is_written(submissions):
    Image.new("RGB", (150, 100)).save(submissions / "images/val/whole.png")  # half of what its labels state
    with pytest.raises(AnnotationError, match=r"whole\.png': expected img_w and img_h of 150 x 100 px, got 300 x 200"):
        main(composed("report", f"predictions={submissions}/first.csv", *typed(submissions)))
    assert not (submissions / "report/index.html").exists()
