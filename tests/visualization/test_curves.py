"""Scores over epochs: what is drawn where."""

import pytest

from ocr.visualization.curves import Curve, plot_curves

RISING = [{"train_loss": 2.0, "val_accuracy": 0.5}, {"train_loss": 1.0, "val_accuracy": 0.75}]


def lines(axes):
    return [(line.get_xdata().tolist(), line.get_ydata().tolist()) for line in axes.get_lines()]


def test_every_score_has_a_panel_and_every_run_a_line_over_epochs_from_1():
    figure = plot_curves([Curve("as it stands", RISING), Curve("skip=false", RISING[:1])])
    assert [axes.get_title() for axes in figure.axes] == ["train_loss", "val_accuracy"]
    assert lines(figure.axes[0]) == [([1, 2], [2.0, 1.0]), ([1], [2.0])]
    assert lines(figure.axes[1]) == [([1, 2], [0.5, 0.75]), ([1], [0.5])]
    figure_of_gaps = plot_curves([Curve("every second epoch", [{"train_loss": 1.0}, RISING[1]])])
    assert lines(figure_of_gaps.axes[1]) == [([2], [0.75])]  # an epoch without a validation is no point
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["as it stands", "skip=false"]


def test_settings_that_refer_to_others_are_no_formula():
    """Matplotlib would set what stands between two dollar signs as one."""
    figure = plot_curves([Curve("val.img_size=${datasets.img_size}, test.img_size=${datasets.img_size}", RISING)])
    assert [text.get_parse_math() for text in figure.legends[0].get_texts()] == [False]


def test_a_run_has_the_same_colour_in_all_panels_and_no_two_runs_have_one():
    figure = plot_curves([Curve(str(number), RISING) for number in range(8)])
    colours = [[line.get_color() for line in axes.get_lines()] for axes in figure.axes]
    assert colours[0] == colours[1]
    assert len(set(colours[0])) == 8


@pytest.mark.parametrize(
    ("curves", "message"),
    [
        ([], "expected 1 to 8 runs in a chart, got 0"),
        ([Curve(str(number), RISING) for number in range(9)], "expected 1 to 8 runs in a chart, got 9"),
        ([Curve("a", [{"seconds": 3.0}])], "expected runs with one of train_loss, .* in their epochs, got none"),
    ],
)
def test_what_cannot_be_drawn_is_refused(curves, message):
    with pytest.raises(ValueError, match=message):
        plot_curves(curves)
