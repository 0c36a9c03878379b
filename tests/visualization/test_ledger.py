"""The ledger as an image, and comparisons as tables."""

import cv2
import matplotlib.image
import pytest

from ocr.experiments.ledger import ScoredSubmission
from ocr.metrics import Ratios
from ocr.statistics import PairedGain
from ocr.submission.comparison import Comparison, ImageChange, LabelledGain
from ocr.submission.matching import PolygonChanges
from ocr.visualization.comparison_table import describe_gain, print_comparison
from ocr.visualization.figures import save_figure
from ocr.visualization.ledger_plot import plot_ledger
from tests.visualization.printing import printed


class TestPlot:
    """`plot`."""

    def test_points_names_and_rank_correlation(self):
        points = [ScoredSubmission("a", 0.9, 0.8), ScoredSubmission("b", 0.8, 0.75), ScoredSubmission("c", 0.7, 0.76)]
        (axes,) = plot_ledger(points).axes
        assert axes.collections[0].get_offsets().tolist() == [[0.9, 0.8], [0.8, 0.75], [0.7, 0.76]]
        assert [text.get_text() for text in axes.texts] == ["a", "b", "c"]
        assert axes.get_title() == "3 submissions, rank correlation 0.50"
        assert axes.get_legend().get_texts()[0].get_text() == "validation -0.0300"

    def test_names_of_points_in_one_place_do_not_cover_each_other(self):
        figure = plot_ledger([ScoredSubmission(f"a_long_name_{number}", 0.9, 0.8) for number in range(4)])
        boxes = [text.get_window_extent() for text in figure.axes[0].texts]
        assert not any(one.overlaps(other) for index, one in enumerate(boxes) for other in boxes[:index])

    @pytest.mark.parametrize("scores", [[(0.9, 0.8)], [(0.1, 0.2), (0.3, 0.4)], [(0.1, 0.1), (0.1, 0.2), (0.1, 0.3)]])
    def test_of_two_submissions_or_of_one_score_for_all_there_is_no_rank_correlation(self, scores):
        (axes,) = plot_ledger([ScoredSubmission("a", *pair) for pair in scores]).axes
        assert axes.get_title().endswith(", too few for a rank correlation")

    def test_without_scores_the_next_step_is_named(self):
        with pytest.raises(ValueError, match=r"got none; runners/ledger.py add <submission> leaderboard_hmean="):
            plot_ledger([])

    def test_a_figure_is_an_image_on_the_disk(self, tmp_path):
        save_figure(plot_ledger([ScoredSubmission("a", 0.9, 0.8)]), tmp_path / "new/plot.png", dots_per_inch=50)
        assert matplotlib.image.imread(tmp_path / "new/plot.png").shape == (300, 400, 4)
        assert cv2.imread(str(tmp_path / "new/plot.png")).std() > 10
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["plot.png"]


class TestComparison:
    """`compare`."""

    @pytest.mark.parametrize(
        ("probability", "verdict"),
        [
            (0.99, "the second is better"),
            (0.95, "the second is better"),
            (0.94, "no difference beyond chance"),
            (0.5, "no difference beyond chance"),
            (0.04, "the first is better"),
        ],
    )
    def test_the_verdict_needs_95_percent(self, probability, verdict):
        text = describe_gain(PairedGain(0.00123, -0.0002, 0.0021, probability, 0.0005))
        assert text.startswith("gain +0.00123 ± 0.00050, 95 % in [-0.00020, +0.00210], P(gain > 0) = ")
        assert text.endswith(verdict)

    def test_scores_polygons_and_images(self):
        images = (
            ImageChange("worse.jpg", PolygonChanges(5, 1, 2, 3), 0.9, 0.8),
            ImageChange("better.jpg", PolygonChanges(4, 0, 0, 0), 0.8, 0.85),
            ImageChange("same.jpg", PolygonChanges(4, 0, 0, 0), 1.0, 1.0),
        )
        gain = PairedGain(-0.0167, -0.1, 0.05, 0.3, 0.04)
        comparison = Comparison(images, LabelledGain(Ratios(0.9, 0.9, 0.9), Ratios(0.91, 0.87, 0.8833), gain))
        text = printed(print_comparison, comparison)
        assert "Scores of 3 images" in text
        assert "-0.01670" in text
        assert "13 stayed, 1 moved, 2 lost, 3 gained; agreement 0.8485" in text  # 2 * 14 / (16 + 17)
        assert text.index("worse.jpg") < text.index("better.jpg")
        assert "same.jpg" not in text
        assert "better.jpg" not in printed(print_comparison, comparison, show=1)
        assert "What changed" not in printed(print_comparison, comparison, show=0)

    def test_without_labels_there_are_no_scores(self):
        text = printed(
            print_comparison, Comparison((ImageChange("a.jpg", PolygonChanges(0, 1, 0, 0), None, None),), None)
        )
        assert "CLEval" not in text
        assert "a.jpg" in text

    def test_a_narrow_window_shortens_the_middle_of_a_name(self):
        image = ImageChange("drp.en_ko.in_house.selectstar_000018.jpg", PolygonChanges(1, 2, 3, 4), 0.9, 0.8)
        gain = PairedGain(-0.1, -0.2, 0.0, 0.01, 0.04)
        labelled = LabelledGain(Ratios(0.9, 0.9, 0.9), Ratios(0.8, 0.8, 0.8), gain)
        lines = printed(print_comparison, Comparison((image,), labelled), width=80).splitlines()
        (line,) = [line for line in lines if "selectstar" in line or "000018" in line]
        assert "…" in line
        assert "000018.jpg │ 0.9000 │ 0.8000 │ -0.1000 │" in line
