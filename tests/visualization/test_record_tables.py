"""The ledger and the experiment log as tables of any width."""

from rich.cells import cell_len

from ocr.experiments.log import MARK, ranked
from ocr.visualization.record_tables import print_experiments, print_ledger
from tests.experiments.runs import row, submission
from tests.visualization.printing import printed


def test_settings_that_all_share_stand_below():
    first = submission("a", settings="models.head.thresh=0.3; models.head.box_thresh=0.4")
    second = submission("b", settings="models.head.thresh=0.3; models.head.box_thresh=0.5; tta.flip=true")
    text = printed(print_ledger, [first, second])
    assert text.count("thresh=0.3") == 1
    assert "in all of them: thresh=0.3" in text
    assert all(setting in text for setting in ("box_thresh=0.4", "box_thresh=0.5", "tta.flip=true"))


def test_empty_columns_are_not_shown():
    text = printed(print_ledger, [submission("a[b]", "0.9")])
    assert "1 submission" in text
    assert "a[b]" in text
    assert "val H" in text
    assert "lb H" not in text


NARROW = {
    "checkpoints": "outputs/receipts_resnet50_1280/2026-11-01_10-00-00/checkpoints/best.ckpt@0123456789ab",
    "settings": "models.head.thresh=0.3; models.head.box_thresh=0.45; tta.scales=[0.75,1.0,1.25]",
    "note": "the first one with views of three sizes, 두 번째",
    "images": "413",
    "polygons": "38211",
    "leaderboard_precision": "0.98",
    "leaderboard_recall": "0.97",
}


def test_a_row_of_the_ledger_is_one_line_of_80_columns_with_names_that_tell_and_all_scores():
    rows = [
        submission(f"submissions/kfold_receipts_2026-11-0{day}_10-00-00", "0.97", "0.975", **NARROW) for day in (1, 2)
    ]
    text = printed(print_ledger, rows, width=80)
    lines = text.splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    first, second = (line for line in lines if line.startswith("│"))
    cells = [cell.strip() for cell in first.strip("│").split("│")]
    assert cells[1:] == ["413", "38211", "0.97", "0.98", "0.97", "0.975"]
    assert "…" in first
    assert "11-01_10-00-00" in first
    assert "11-02_10-00-00" in second
    assert 'no room for "checkpoints", "note": put COLUMNS=' in text


def test_the_width_that_is_named_shows_all_columns():
    rows = [submission("submissions/first", "0.97", "0.975", **NARROW)]
    text = printed(print_ledger, rows, width=80)
    needed = int(text[text.index("COLUMNS=") + len("COLUMNS=") :].split()[0])
    assert "no room" not in printed(print_ledger, rows, width=needed)
    assert "no room" in printed(print_ledger, rows, width=needed - 1)


def test_people_see_the_changes_the_difference_the_mark_and_the_cost():
    rows = [row("outputs/p/one", "0.6"), row("outputs/p/two", "0.5", changes="models.x.lr=[1]; k=2", count=2)]
    text = printed(print_experiments, ranked(rows), width=100)
    for words in ("p, by val", "x.lr=[1]", "k=2", f"({MARK})", "(baseline)", "-0.1", "1.00", "2.00", " two "):
        assert words in text


def test_a_note_stands_below_the_changes_and_leaves_the_table_within_100_columns():
    note = "the rate was too high for batches of 16, so it oscillated\n학습률 [0.1] again \udce9"
    rows = [row("outputs/p/2026-07-01_10-00-00", "0.512345", changes="models.optimizer.lr=0.1", count=1, note=note)]
    lines = printed(print_experiments, ranked(rows), width=100).splitlines()
    assert all(cell_len(line) <= 100 for line in lines)
    cells = [line.split("│")[2].strip() for line in lines if line.startswith("│")]
    assert cells[0] == "optimizer.lr=0.1"
    assert " ".join(cells[1:]) == r"the rate was too high for batches of 16, so it oscillated 학습률 [0.1] again \udce9"


def test_80_columns_show_each_change_and_score_in_one_line():
    changes = "models.optimizer.weight_decay=0.0001; models.encoder.name=tf_efficientnetv2_s.in21k_ft_in1k"
    rows = [row("outputs/p/2026-07-01_10-00-00", "0.512345", changes=changes, count=2)]
    lines = printed(print_experiments, ranked(rows), width=80).splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    table = [[cell.strip() for cell in line.split("│")[1:3]] for line in lines if line.startswith("│")]
    assert [run for run, _ in table] == ["2026-07-01_10-00-00", "", ""]
    cells = [changes for _, changes in table]
    assert cells[0] == "optimizer.weight_decay=0.0001"
    assert cells[1] == "encoder.name…tv2_s.in21k_ft_in1k"
