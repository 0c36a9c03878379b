"""`runners/convert.py`: labels in, labels out, split on the way."""

import json
import re
import shlex

import numpy as np
import pytest
from PIL import Image

from ocr.annotations.faults import AnnotationError
from ocr.annotations.formats.recognition import FORMATS
from ocr.annotations.labelled_images import read_images
from runners.cli.entry import CONFIG_DIR
from runners.convert import main
from tests.commands import composed, output, run

LINE = "10,20,70,20,70,34,10,34,{}\n"


@pytest.fixture
def icdar(tmp_path):
    """Twenty labelled images of noise without a split, of receipts of two pages each."""
    folder = tmp_path / "icdar"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(20):
        name = f"receipt{number // 2}_page{number % 2}"
        Image.fromarray(rng.integers(0, 256, (120, 160), np.uint8)).save(folder / f"{name}.png")
        (folder / f"gt_{name}.txt").write_text(LINE.format(name))
    return folder


def convert(*arguments):
    main(composed("convert", *arguments))


def test_a_folder_of_labelled_images_is_split_and_groups_stay_together(icdar, tmp_path):
    convert(f"input={icdar}", f"output={tmp_path / 'new'}", "split=[0.6,0.2,0.2]", "group='(receipt\\d+)_'")
    splits = {split: read_images(tmp_path / "new", split).filenames for split in ("train", "val", "test")}
    assert {split: len(names) for split, names in splits.items()} == {"train": 12, "val": 4, "test": 4}
    pages = {split: [name.partition("_")[0] for name in names] for split, names in splits.items()}
    assert all(names.count(page) == 2 for names in pages.values() for page in names)
    convert(f"input={icdar}", f"output={tmp_path / 'again'}", "split=[0.6,0.2,0.2]", "group='(receipt\\d+)_'")
    for split in splits:
        ours, again = ((tmp_path / name / "jsons" / f"{split}.json").read_text() for name in ("new", "again"))
        assert ours == again


def test_labels_that_state_their_splits_keep_them_unless_one_is_named(tmp_path, icdar):
    names = sorted(path.name for path in icdar.glob("*.png"))
    images = {
        str(number): {"file_name": name, "set": "val" if number % 4 else "train"} for number, name in enumerate(names)
    }
    (tmp_path / "cocotext.json").write_text(json.dumps({"imgs": images, "anns": {}}))
    given = (f"input={tmp_path / 'cocotext.json'}", f"images={icdar}")
    convert(*given, f"output={tmp_path / 'new'}")
    assert [len(read_images(tmp_path / "new", split).filenames) for split in ("train", "val")] == [5, 15]
    convert(*given, f"output={tmp_path / 'one'}", "split=test")
    assert len(read_images(tmp_path / "one", "test").filenames) == 20
    convert(*given, f"output={tmp_path / 'coco'}", "to=coco")
    assert sorted(path.name for path in (tmp_path / "coco").iterdir()) == ["train", "val"]
    assert (tmp_path / "coco" / "val" / "instances_val.json").is_file()


def test_predictions_are_labels_only_where_that_is_said(tmp_path, icdar):
    words = {"0001": {"points": [[1, 2], [30, 2], [30, 12], [1, 12]], "confidence": 0.75}}
    (tmp_path / "predictions.json").write_text(json.dumps({"images": {"receipt0_page0.png": {"words": words}}}))
    given = (f"input={tmp_path / 'predictions.json'}", f"images={icdar}")
    with pytest.raises(
        ValueError, match=r"got predictions \(they have confidences\): to=paddleocr, label_studio, cvat"
    ):
        convert(*given, f"output={tmp_path / 'new'}")
    assert not (tmp_path / "new").exists()
    convert(*given, f"output={tmp_path / 'tasks'}", "to=label_studio")
    (task,) = json.loads((tmp_path / "tasks" / "tasks.json").read_text())
    assert task["predictions"][0]["score"] == 0.75
    convert(*given, f"output={tmp_path / 'new'}", "predictions=false")
    (word,) = json.loads((tmp_path / "new/jsons/train.json").read_text())["images"]["receipt0_page0.png"][
        "words"
    ].values()
    assert word == {"points": words["0001"]["points"]}  # or they would be taken for predictions again
    for to, name in (("coco", "instances_train.json"), ("label_studio", "tasks.json")):
        convert(*given, f"output={tmp_path / to}", f"to={to}", "predictions=false")
        assert "score" not in (tmp_path / to / name).read_text()


def test_as_it_is_typed(icdar, tmp_path):
    result = run("convert", f"input={icdar}", f"output={tmp_path / 'new'}", "split=0.8,0.1,0.1")
    assert result.returncode == 0, result.stderr
    assert "val, 2 images, 2 words" in output(result)
    assert "none of 20 images" in output(result)  # noise: no two look alike
    assert output(result).endswith("next: python runners/doctor.py " + shlex.quote(f"datasets.root={tmp_path / 'new'}"))
    (icdar / "gt_receipt3_page1.txt").write_text("10,20,900,20,70,34,10,34,far\n")
    result = run("convert", f"input={icdar}", f"output={tmp_path / 'broken'}", "split=0.8,0.1,0.1")
    assert result.returncode == 1
    assert "gt_receipt3_page1.txt, line 1: expected x in 0..160 as displayed, got 900" in output(result)
    assert not (tmp_path / "broken").exists()


def test_ignored_words_are_counted_and_a_wrong_split_is_refused_before_anything_is_read(icdar, tmp_path, caplog):
    with pytest.raises(ValueError, match=r"such as split=0\.8,0\.1,0\.1, got 80,10,10"):
        convert(f"input={icdar}", f"output={tmp_path / 'new'}", "split='80,10,10'")
    assert "ICDAR" not in caplog.text
    (icdar / "gt_receipt0_page0.txt").write_text(LINE.format("Total") + LINE.format("###"))
    with caplog.at_level("INFO"):
        convert(f"input={icdar}", f"output={tmp_path / 'new'}", "split=train")
    assert "train, 20 images, 21 words, 1 of them ignored" in caplog.text


def test_a_format_that_the_labels_do_not_have_is_answered_with_theirs(icdar, tmp_path):
    theirs = r"looks like ICDAR 2015 labels: leave from={} out, or type from=icdar2015$"
    with pytest.raises(AnnotationError, match=f"(?s)got none\n.*{theirs.format('coco')}"):  # no file of that format
        convert(f"input={icdar}", f"output={tmp_path / 'new'}", "from=coco")
    with pytest.raises(AnnotationError, match=f"(?s)got 20 faults:\n.*{theirs.format('icdar2017')}") as caught:
        convert(f"input={icdar}", f"output={tmp_path / 'new'}", "from=icdar2017")
    assert len(str(caught.value).splitlines()) < 10


def test_every_format_is_a_choice_of_the_command():
    text = (CONFIG_DIR / "convert.yaml").read_text()
    for key in ("from", "to"):
        (choices,) = re.findall(rf"^{key}: \w+ # (.*?);", text, flags=re.MULTILINE)
        assert set(choices.split(" | ")) - {"null"} == {"project", *FORMATS}
