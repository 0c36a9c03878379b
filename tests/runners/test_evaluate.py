"""`runners/evaluate.py`, `score.py` and `validate.py`: the scores that training logged, from a checkpoint or a file."""

import json
import re

import pytest
import torch

from ocr.transforms.geometric import Letterbox
from runners import evaluate, score
from runners.wiring.checkpoints import CheckpointError, Overrides, read_checkpoint
from runners.wiring.detector import load_detector, read_labelled_splits
from runners.wiring.parts import build_letterbox
from runners.wiring.training import count_trained_on
from tests.commands import as_settings, composed, output, run
from tests.report.reports import data_of


def test_the_folder_of_a_training_is_answered_with_its_best_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match=r"found no file there$"):
        read_checkpoint(tmp_path)
    best = tmp_path / "run" / "checkpoints" / "best.ckpt"
    best.parent.mkdir(parents=True)
    best.touch()
    with pytest.raises(CheckpointError, match=f"found no file there; below it: {re.escape(str(best))}$"):
        read_checkpoint(tmp_path)


def check_scores(path, training, tolerance=1e-6):
    scores, logged = json.loads(path.read_text()), training.summary["best"]
    assert logged["val_hmean"] > 0
    for name in ("precision", "recall", "hmean"):
        assert scores["overall"]["cleval"][name] == pytest.approx(logged[f"val_{name}"], abs=tolerance)
    assert scores["overall"]["iou"]["hmean"] == pytest.approx(logged["val_iou_hmean"], abs=tolerance)
    assert list(scores["images"]) == list(scores["errors"]["images"]) == ["val_0.png", "val_1.png", "val_2.png"]
    matched = sum(image["iou"]["matched"] for image in scores["images"].values())
    assert sum(scores["errors"]["missed"].values()) == scores["errors"]["words"] - matched
    assert sum(scores["errors"]["false"].values()) == scores["errors"]["detections"] - matched


def test_a_checkpoint_scores_what_training_logged(training, tmp_path):
    files = (f"output={tmp_path / 'scores.json'}", f"report={tmp_path / 'report'}")
    result = run("evaluate", f"checkpoint_path={training.best}", "split=val", *files)
    assert result.returncode == 0, result.stdout + result.stderr
    check_scores(tmp_path / "scores.json", training)
    assert "Scores of 3 images" in output(result)
    assert "Worst images" in output(result)
    assert "What to try first" in output(result)
    images = data_of(tmp_path / "report/index.html")["images"]
    assert [image["name"] for image in images] == ["val_0.png", "val_1.png", "val_2.png"]
    assert all((tmp_path / "report" / image["runs"][0]["map"]).is_file() for image in images)


def test_a_score_replaces_no_file_unasked_and_none_that_it_reads(tmp_path):
    labels, found, written = (tmp_path / name for name in ("val.json", "predictions.json", "scores.json"))
    words = {"0001": {"points": [[10, 10], [90, 10], [90, 30], [10, 30]]}}
    for path in (labels, found):
        path.write_text(json.dumps({"images": {"a.png": {"img_w": 100, "img_h": 100, "words": words}}}))
    before = labels.read_bytes()
    read = (f"predictions={tmp_path}", f"annotations={labels}")  # of a folder its JSON
    for target, setting in ((labels, "annotations="), (found, "predictions=")):
        with pytest.raises(FileExistsError, match=f"expected a file that the command does not read, got {setting}"):
            score.main(composed("score", *read, f"output={target}", "overwrite=true"))
        assert target.read_bytes() == before
    written.write_text("by hand")
    with pytest.raises(FileExistsError, match=r"scores\.json is there already: .* or set overwrite=true"):
        score.main(composed("score", *read, f"output={written}"))
    assert written.read_text() == "by hand"
    score.main(composed("score", *read, f"output={written}", "overwrite=true"))
    assert json.loads(written.read_text())["overall"]["cleval"]["hmean"] == 1.0


def test_an_evaluation_replaces_no_file_unasked_and_none_that_it_reads(training, data, tmp_path):
    (tmp_path / "scores.json").write_text("by hand")
    for target, overwrite, refused in (
        (tmp_path / "scores.json", "false", r"scores\.json is there already: .* or set overwrite=true"),
        (data / "jsons/val.json", "true", r"val\.json: expected a file that the command does not read, got split=val"),
        (training.best, "true", r"best\.ckpt: expected a file that the command does not read, got checkpoint_path="),
    ):
        typed = (f"checkpoint_path={training.best}", f"output={target}", f"overwrite={overwrite}")
        with pytest.raises(FileExistsError, match=refused):
            evaluate.main(composed("evaluate", *typed))
    assert (tmp_path / "scores.json").read_text() == "by hand"


@pytest.mark.parametrize(("split", "trained"), [("train", 1), ("val", 0)])
def test_training_images_are_warned_of_also_where_the_data_has_moved(data, training, split, trained, tmp_path, caplog):
    images = sorted((data / "images" / split).iterdir())[:1]
    assert count_trained_on([training.best], images, Overrides()) == trained
    assert ("1 of these 1 images were trained on" in caplog.text) == bool(trained)
    assert count_trained_on([training.best], images, Overrides(datasets={"root": "gone"})) == trained
    checkpoint = torch.load(training.best, weights_only=True)
    checkpoint["config"]["datasets"]["root"] = "gone"
    moved = tmp_path / "moved.ckpt"
    torch.save(checkpoint, moved)
    assert count_trained_on([moved], images, Overrides()) == 0
    assert f"cannot know what {moved} was trained on" in caplog.text
    assert count_trained_on([moved], images, Overrides(datasets={"root": str(data)})) == trained


def test_evaluating_training_images_says_so(training, caplog):
    evaluate.main(composed("evaluate", f"checkpoint_path={training.best}", "split=train", "limit=1"))
    assert "1 of these 1 images were trained on" in caplog.text


def test_several_splits_are_scored_together_and_each_image_keeps_its_own(data):
    settings = as_settings(composed("train", f"datasets.root={data}"))
    images, splits = read_labelled_splits(settings, ["val", "test"])
    assert splits == {name: name.partition("_")[0] for name in images.filenames}
    assert list(dict.fromkeys(splits.values())) == ["val", "test"]
    assert read_labelled_splits(settings, "val")[1] == {f"val_{number}.png": "val" for number in range(3)}


@pytest.mark.parametrize(("name", "tolerance"), [("", 1e-6), ("submission.csv", 1e-3)])
def test_predictions_score_what_training_logged(predicted, data, training, tmp_path, name, tolerance):
    """Of a folder its JSON counts; whole pixels cost the CSV little: the words are about 110 px high."""
    arguments = (f"predictions={predicted / name}", f"annotations={data / 'jsons/val.json'}")
    result = run("score", *arguments, f"output={tmp_path / 'scores.json'}")
    assert result.returncode == 0, result.stdout + result.stderr
    check_scores(tmp_path / "scores.json", training, tolerance)
    assert "Scores of 3 images" in output(result)


def test_a_submission_is_valid_or_its_faults_are_named_by_status_1(predicted, data, tmp_path):
    labels = f"annotations={data / 'jsons/val.json'}"
    good = run("validate", f"submission={predicted}", labels)  # a folder of predictions
    assert good.returncode == 0, output(good)
    assert "submission.csv: valid, 3 images" in output(good)
    (tmp_path / "bad.csv").write_text("filename,polygons\nval_1.png,1 1 9 1 9 9\nval_0.png,\n")
    bad = run("validate", f"submission={tmp_path / 'bad.csv'}", labels)
    assert bad.returncode == 1
    assert "Traceback" not in output(bad)
    for fault in ("row 2, 'val_1.png': polygon 1: expected at least 4 points", "missing image 'val_2.png'"):
        assert fault in output(bad)


def test_how_parts_are_built_is_not_the_checkpoints_to_say_and_young_settings_have_their_defaults(training, tmp_path):
    checkpoint = torch.load(training.best, weights_only=True)
    checkpoint["config"]["build"]["loss"] = {"_target_": "os.system", "command": "true"}
    del checkpoint["config"]["models"]["encoder"]["frozen_epochs"]
    checkpoint["config"]["models"]["head"]["box_thresh"] = 0.55
    torch.save(checkpoint, tmp_path / "older.ckpt")
    detector, settings = load_detector(tmp_path / "older.ckpt", Overrides())
    assert detector.postprocess.box_thresh == 0.55
    assert settings.models["encoder"]["frozen_epochs"] == 0


def test_settings_come_from_the_checkpoint_except_those_that_are_given(training):
    given = (
        {"root": None, "val": {"img_size": 96, "resize": "short_side", "max_side": 160}},
        {"head": {"thresh": None, "box_thresh": 0.7, "shrink_ratio": 0.6}},
        {"batch_size": None},
    )
    detector, settings = load_detector(training.best, Overrides(*given))
    assert not detector.network.training
    assert settings.datasets["test"]["resize"] == "long_side"
    assert build_letterbox(settings, "val") == Letterbox(96, "multiple", "short_side", 160)
    postprocess = detector.postprocess
    assert (postprocess.thresh, postprocess.box_thresh, postprocess.shrink_ratio) == (0.1, 0.7, 0.6)
    sizes = [settings.datasets[split]["img_size"] for split in ("val", "test")]
    assert (*sizes, settings.trainer["batch_size"]) == (96, 128, 2)
    assert settings.models["encoder"]["pretrained"] is False
