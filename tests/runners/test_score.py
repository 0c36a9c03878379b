"""`runners/score.py`: any prediction file against any labels, without a model."""

import json

import pytest

from tests.commands import output, run


@pytest.mark.parametrize(("name", "tolerance"), [("predictions.json", 1e-6), ("submission.csv", 1e-3)])
def test_predictions_score_what_training_logged(predicted, data, training, tmp_path, name, tolerance):
    """Whole pixels cost the CSV little: the words are about 110 px high."""
    arguments = (f"predictions={predicted / name}", f"annotations={data / 'jsons/val.json'}")
    result = run("score", *arguments, f"output={tmp_path / 'scores.json'}")
    assert result.returncode == 0, result.stdout + result.stderr
    scores = json.loads((tmp_path / "scores.json").read_text())
    logged = training.summary["best"]
    for key in ("precision", "recall", "hmean"):
        assert scores["overall"]["cleval"][key] == pytest.approx(logged[f"val_{key}"], abs=tolerance)
    assert list(scores["images"]) == ["val_0.png", "val_1.png", "val_2.png"]
    assert {"cleval", "iou"} <= set(scores["images"]["val_0.png"])
    assert "Scores of 3 images" in output(result)
