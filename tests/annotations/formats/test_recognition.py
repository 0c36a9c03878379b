"""The format of labels is found out, and whoever takes them for the project's is told what to type."""

import json
import shlex

import pytest
from PIL import Image

from ocr.annotations.faults import AnnotationError
from ocr.annotations.formats.recognition import label_files, recognise
from ocr.annotations.labelled_images import read_images
from ocr.annotations.reading import read_annotations

LINE = "10,20,70,20,70,34,10,34,Total\n"
COCO = {"images": [], "annotations": []}


def write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def recognised(folder):
    return recognise(label_files(folder), folder)


def test_the_projects_own_layout_is_one_of_the_formats(tmp_path):
    assert recognised(write(tmp_path, train_json={"images": {}})) == "project"


def test_labels_of_two_formats_are_named_both(tmp_path):
    folder = write(tmp_path, a_txt=LINE, b_json=COCO)
    with pytest.raises(
        AnnotationError, match=r"expected labels of one format, got icdar2015 \(a\.txt\), coco \(b\.json\)"
    ):
        recognised(folder)


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({}, r"found no \.json, \.mat, \.txt, \.xml file there"),
        ({"a_txt": "hello\n"}, r"got a\.txt, which begins with 'hello\\n'; name the format by from=paddleocr \|"),
        ({"a_json": "{'a': 1}"}, r"got a\.json: expected JSON, got an error at line 1, column 2"),
    ],
)
def test_what_is_no_known_format_is_shown(tmp_path, files, fault):
    with pytest.raises(AnnotationError, match=fault):
        recognised(write(tmp_path, **files))


def test_a_file_of_another_format_is_answered_with_the_command_to_type(tmp_path):
    folder = write(tmp_path / "my labels", a_json=COCO, b_json={"shapes": []}, c_txt=f"a.png\t[]\n{LINE}")
    command = "python runners/convert.py 'input={}' from={} output=data/converted"
    for name, title, source, form in (
        ("a.json", "COCO", "a.json", "coco"),
        ("b.json", "LabelMe", "", "labelme"),  # of files beside their images the folder
        ("c.txt", "PaddleOCR", "c.txt", "paddleocr"),
    ):
        with pytest.raises(AnnotationError) as caught:
            read_annotations(folder / name)
        place = folder / source
        assert str(caught.value).endswith(f"; {place} looks like {title} labels: {command.format(place, form)}")


def test_a_root_without_a_split_is_answered_so_too(tmp_path):
    root = write(tmp_path / "icdar", gt_1_txt=LINE)
    Image.new("L", (160, 120)).save(root / "1.png")
    with pytest.raises(AnnotationError, match=r"train\.json: expected a JSON file, got no such file") as caught:
        read_images(root, "train")
    labels = shlex.quote(f"input={root}")
    command = f"python runners/convert.py {labels} from=icdar2015 split=0.8,0.1,0.1 output=data/converted"
    assert str(caught.value).endswith(f"; {root} looks like ICDAR 2015 labels: {command}")


def test_a_split_that_is_not_there_is_answered_with_those_that_are(tmp_path):
    jsons = write(tmp_path / "jsons", train_json={"images": {}})
    with pytest.raises(AnnotationError) as caught:
        read_annotations(jsons / "val.json")
    command = f"{shlex.quote(f'input={jsons}/train.json')} split=0.8,0.1,0.1 {shlex.quote(f'output={tmp_path}_split')}"
    assert str(caught.value).endswith(f"; {tmp_path} has the split train only: python runners/convert.py {command}")
    write(jsons, test_json={"images": {}})
    with pytest.raises(AnnotationError, match=r"valid\.json: .* has the splits test, train$"):
        read_annotations(jsons / "valid.json")


def test_labels_of_the_project_without_a_split_are_split_by_the_command(tmp_path):
    write(tmp_path / "scans", labels_json={"images": {}})
    with pytest.raises(AnnotationError) as caught:
        read_images(tmp_path / "scans", "train")
    file = tmp_path / "scans" / "labels.json"
    command = f"python runners/convert.py {shlex.quote(f'input={file}')} split=0.8,0.1,0.1 output=data/converted"
    assert str(caught.value).endswith(f"; {file} looks like labels without a split: {command}")


def test_other_faults_are_not_answered_so(tmp_path):
    write(tmp_path, a_txt=LINE)
    (tmp_path / "own.json").write_text('{"images": {"a.png": {}}}')
    with pytest.raises(AnnotationError) as caught:
        read_annotations(tmp_path / "own.json")
    assert "convert.py" not in str(caught.value)
    with pytest.raises(AnnotationError) as caught:
        read_annotations(tmp_path / "nothing" / "here" / "train.json")
    assert "convert.py" not in str(caught.value)
