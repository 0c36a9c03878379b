"""Commands that score or check predictions refuse predictions where labels belong: precision and recall would swap."""

import json
from importlib import import_module

import pytest

from ocr.annotations.faults import AnnotationError
from tests.commands import composed
from tests.small_data import block


@pytest.mark.parametrize(
    ("command", "function", "settings"),
    [
        ("score", "score.main", ["predictions={labels}"]),
        ("report", "report.main", ["predictions={labels}", "images={folder}", "output={folder}/page"]),
        ("validate", "validate.main", ["submission={labels}"]),
        ("leaderboard/compare", "ledger.compare", ["first={labels}", "second={labels}"]),
    ],
)
def test_predictions_in_the_place_of_labels_are_refused(tmp_path, command, function, settings):
    for name, word in (("labels", {}), ("predictions", {"confidence": 0.5})):
        entry = {"img_w": 100, "img_h": 80, "words": {"1": {"points": block(1, 1, 50, 20)} | word}}
        (tmp_path / f"{name}.json").write_text(json.dumps({"images": {"a.png": entry}}))
    settings = [one.format(labels=tmp_path / "labels.json", folder=tmp_path) for one in settings]
    module, name = function.split(".")
    run = getattr(import_module(f"runners.{module}"), name)
    with pytest.raises(
        AnnotationError, match=r"predictions\.json: expected labels, got predictions \(words with a conf"
    ):
        run(composed(command, *settings, f"annotations={tmp_path / 'predictions.json'}"))
