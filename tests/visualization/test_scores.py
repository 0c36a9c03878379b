"""Scores as tables for people."""

import numpy as np

from ocr.metrics import Evaluator
from ocr.visualization.scores import print_scores
from tests.visualization.printing import printed


def square(x):
    return np.array([[x, 0], [x + 10, 0], [x + 10, 10], [x, 10]], dtype=np.float32)


def scores_printed(**options):
    """Two images: one found entirely; the other's one word missed, with a false one beside it."""
    evaluator = Evaluator()
    evaluator.update("good.jpg", [square(0)], [False], [square(0)])
    evaluator.update("bad.jpg", [square(0)], [False], [square(50)])
    return printed(print_scores, evaluator.compute(), width=140, **options)


def row(text, name):
    cells = next(line for line in text.splitlines() if name in line).replace("│", " ").replace("┃", " ").split("  ")
    return [cell.strip() for cell in cells if cell.strip()]


def test_both_metrics_are_shown_overall():
    text = scores_printed()
    assert "Scores of 2 images" in text
    assert row(text, "CLEval") == ["CLEval (mean over images)", "0.5000", "0.5000", "0.5000"]  # the mean of 1 and 0
    assert row(text, "IoU 0.5") == ["IoU 0.5 (pooled)", "0.5000", "0.5000", "0.5000"]  # one of two, on either side


def test_the_worst_images_come_first_as_many_as_asked_for():
    text = scores_printed()
    assert text.index("bad.jpg") < text.index("good.jpg")
    assert row(text, "bad.jpg")[1:4] == ["0.0000", "0.0000", "0.0000"]
    assert row(text, "good.jpg")[1:] == ["1.0000", "1.0000", "1.0000", *"000000"]
    assert row(text, "bad.jpg")[4:] == [*"111100"]  # a word of one character missed, one as large false
    assert "good.jpg" not in scores_printed(worst=1)
    assert "bad.jpg" in scores_printed(worst=1)
    assert "Worst images" not in scores_printed(worst=0)


def test_80_columns_have_room_for_a_name_and_the_score():
    evaluator = Evaluator()
    evaluator.update("drp.en_ko.in_house.selectstar_000037.jpg", [square(0)], [False], [])
    text = printed(print_scores, evaluator.compute(), width=80)
    (line,) = [line for line in text.splitlines() if "000037.jpg" in line]
    assert "000037.jpg │ 0.0000 │" in " ".join(line.split())


def test_no_images_have_scores_too_and_the_default_is_standard_output(capsys):
    print_scores(Evaluator().compute())
    assert "Scores of 0 images" in capsys.readouterr().out
