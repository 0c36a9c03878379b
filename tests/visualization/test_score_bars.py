"""Scores of runs as bars: what is drawn where, and that nothing covers anything."""

import itertools
import math

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from ocr.visualization.figures import save_figure
from ocr.visualization.palette import COLOURS
from ocr.visualization.score_bars import ScoreChart, ScoredRun, plot_scores

SCORES = {"accuracy": 0.9, "precision": 0.8, "recall": 0.7, "loss": 0.3}


def drawn(*charts):
    figure = plot_scores(charts)
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    return figure


def panels(figure):
    return {axes.get_title(): axes for axes in figure.axes}


def test_every_score_has_a_panel_and_every_run_a_bar_with_its_value_the_first_at_the_top():
    worse = {name: value / 2 for name, value in SCORES.items()}
    figure = drawn(ScoreChart("title", [ScoredRun("as it stands", SCORES), ScoredRun("network.name=plain_cnn", worse)]))
    found = panels(figure)
    assert list(found) == ["accuracy", "precision", "recall", "loss (smaller is better)"]
    for axes, value in zip(figure.axes, SCORES.values(), strict=True):
        assert [bar.get_width() for bar in axes.patches] == [value, value / 2]
        assert [text.get_text() for text in axes.texts] == [f"{value:.4f}", f"{value / 2:.4f}"]
        assert axes.transData.transform((0, 0))[1] > axes.transData.transform((0, 1))[1]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        "as it stands",
        "network.name=plain_cnn",
    ]
    assert [part.get_suptitle() for part in figure.subfigs] == ["title"]


def test_the_loss_has_an_axis_of_its_own():
    found = panels(drawn(ScoreChart("title", [ScoredRun("a", SCORES | {"loss": 20.0})])))
    assert found["accuracy"].get_xlim() == found["recall"].get_xlim() == (0, 1.35)
    assert found["loss (smaller is better)"].get_xlim() == (0, 27)


def test_a_run_has_the_same_colour_in_all_panels_and_no_two_runs_have_one():
    figure = drawn(ScoreChart("title", [ScoredRun(str(number), SCORES) for number in range(len(COLOURS))]))
    colours = {tuple(tuple(bar.get_facecolor()[:3]) for bar in axes.patches) for axes in figure.axes}
    assert colours == {tuple(map(to_rgb, COLOURS))}


def test_two_colours_of_any_runs_differ_in_lightness_or_in_blue_against_yellow():
    """What those see who cannot tell red from green; 0.1 of the range is more than a shade."""
    seen = [
        (0.3 * red + 0.59 * green + 0.11 * blue, blue - (red + green) / 2) for red, green, blue in map(to_rgb, COLOURS)
    ]
    assert min(math.dist(one, other) for one, other in itertools.combinations(seen, 2)) > 0.1


def test_a_score_that_is_missing_or_not_finite_leaves_its_place_empty():
    runs = [ScoredRun("a", {"accuracy": 0.9}), ScoredRun("b", {"accuracy": math.nan, "loss": math.inf})]
    found = panels(drawn(ScoreChart("title", runs)))
    assert [bar.get_y() + bar.get_height() / 2 for bar in found["accuracy"].patches] == [0]
    assert list(found["loss (smaller is better)"].patches) == []


def test_long_labels_cover_neither_each_other_nor_a_value():
    label = "optimizer.lr=0.0001, variant=[augmented,cosine], network.weights=outputs/classify/cactus/best.ckpt, seed "
    figure = drawn(ScoreChart("title " * 40, [ScoredRun(f"{label}{number}", SCORES) for number in range(8)]))
    texts = [text for axes in figure.axes for text in (*axes.get_yticklabels(), *axes.texts) if text.get_visible()]
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    titles = [text.get_window_extent() for text in figure.subfigs[0].texts]
    for one, other in itertools.combinations([*boxes, *titles], 2):
        assert not one.overlaps(other)
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in [*boxes, *titles])


def test_charts_stand_below_each_other():
    """Signs that would be a formula are drawn as they are."""
    detector = ScoreChart("$a$", [ScoredRun("quickstart", {"hmean": 0.96})])
    figure = drawn(ScoreChart("classifiers", [ScoredRun("datasets.csv=$HOME/$x_{", SCORES)]), detector)
    assert figure.axes[0].get_yticklabels()[0].get_text() == "datasets.csv=$HOME/$x_{"
    upper, lower = (part.bbox for part in figure.subfigs)
    assert upper.y0 >= lower.y1
    assert len(figure.axes) == 5


@pytest.mark.parametrize("count", [0, len(COLOURS) + 1])
def test_a_chart_of_no_runs_or_of_more_than_there_are_colours_is_refused(count):
    chart = ScoreChart("title", [ScoredRun(str(number), SCORES) for number in range(count)])
    with pytest.raises(ValueError, match=f"expected 1 to 8 runs in a chart, got {count}: title"):
        plot_scores([chart])
    with pytest.raises(ValueError, match="expected a chart with runs, got none"):
        plot_scores([])


def test_an_image_is_a_png(tmp_path):
    with pytest.raises(ValueError, match=r"expected the name of an image that ends in \.png, got .*runs\.pdf"):
        save_figure(plot_scores([ScoreChart("title", [ScoredRun("a", SCORES)])]), tmp_path / "runs.pdf")
    assert list(tmp_path.iterdir()) == []
