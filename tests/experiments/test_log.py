"""The experiment log: a row for every run, and the runs compared."""

import threading

import pytest

from ocr.experiments.log import LOG, MARK, append_row, ranked
from ocr.experiments.table import read_rows, write_table
from ocr.visualization.record_tables import print_experiments
from tests.experiments.runs import row
from tests.visualization.printing import printed


def test_rows_are_added_and_columns_grow(tmp_path):
    path = tmp_path / "new/log.csv"
    append_row(path, row("a", "0.5", val_x="1"))
    append_row(path, row("b", "0.6", val_y="2", changes='k="x, y"; z=é'))
    first, second = read_rows(path, LOG)
    assert (first["val_x"], first["val_y"], second["val_x"], second["val_y"]) == ("1", "", "", "2")
    assert second["changes"] == 'k="x, y"; z=é'
    assert path.read_text().splitlines()[0].startswith("time,run,preset,baseline,changes,")


def test_what_people_wrote_into_the_table_stays(tmp_path):
    path = tmp_path / "log.csv"
    append_row(path, row("a", "0.5"))
    text = path.read_text()
    path.write_bytes("\ufeff".encode() + text.rstrip("\n").encode() + b",a remark \xe9\n")
    append_row(path, row("b", "0.6"))
    assert b"a remark \xe9" in path.read_bytes()
    assert [found["run"] for found in read_rows(path, LOG)] == ["a", "b"]


def test_a_log_from_before_the_notes_reads_and_gets_their_column_beside_the_result(tmp_path):
    path = tmp_path / "log.csv"
    columns = [name for name in LOG.columns if name != "note"]
    write_table(path, [row("a", "0.5")], columns)
    assert printed(print_experiments, ranked(read_rows(path, LOG)))
    append_row(path, row("b", "0.6", note="why"))
    assert path.read_text().splitlines()[0] == ",".join(LOG.columns)
    assert [found["note"] for found in read_rows(path, LOG)] == ["", "why"]


def test_runs_that_end_at_once_lose_no_row(tmp_path):
    path = tmp_path / "log.csv"
    threads = [
        threading.Thread(target=append_row, args=(path, row(str(number), "0.5", **{f"val_{number}": "1"})))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = read_rows(path, LOG)
    assert sorted(int(found["run"]) for found in rows) == list(range(12))
    assert all(found[f"val_{found['run']}"] == "1" for found in rows)


@pytest.mark.parametrize("text", [None, "", "a,b\n1,2\n"])
def test_a_file_that_is_no_log_is_refused(tmp_path, text):
    if text is not None:
        (tmp_path / "log.csv").write_text(text)
    with pytest.raises(ValueError, match=r"log\.csv: expected a table of experiments"):
        read_rows(tmp_path / "log.csv", LOG)


def test_the_best_come_first_with_their_difference_to_the_presets_first_unchanged_run():
    rows = [
        row("tried", "0.7", changes="lr=1", count=1),
        row("first", "0.6"),
        row("again", "0.65"),
        row("crashed", "", status="failed"),
        row("many", "0.5", changes="lr=1; k=2", count=2),
    ]
    found = ranked(rows)
    assert [one["run"] for one in found] == ["tried", "again", "first", "many", "crashed"]
    assert [one["difference"] for one in found] == ["+0.1", "+0.05", "+0", "-0.1", ""]
    assert [one["mark"] for one in found] == ["", "", "baseline", MARK, ""]


def test_of_a_loss_the_smallest_comes_first_and_of_a_cost_too():
    rows = [row("a", "0.7", mode="min", minutes="9"), row("b", "0.6", mode="min", minutes="10")]
    assert [one["run"] for one in ranked(rows)] == ["b", "a"]
    assert [one["run"] for one in ranked(rows, "minutes")] == ["a", "b"]


def test_a_fold_is_compared_with_the_same_fold_only():
    """Folds validate on other images than the run of the whole split, and than each other."""
    rows = [
        row("fold_0", "0.8", changes="datasets.folds=a.json; datasets.fold=0"),
        row("fold_1", "0.9", changes="datasets.folds=a.json; datasets.fold=1"),
        row("whole", "0.7"),
        row("lr", "0.75", changes="lr=1", count=1),
        row("lr_fold_1", "0.92", changes="datasets.folds=a.json; datasets.fold=1; lr=1", count=1),
    ]
    differences = {one["run"]: one["difference"] for one in ranked(rows)}
    assert differences == {"fold_0": "+0", "fold_1": "+0", "whole": "+0", "lr": "+0.05", "lr_fold_1": "+0.02"}


def test_a_run_is_compared_with_one_on_the_same_data_only():
    """The first look is at the sample: what runs on other data gain over it says nothing."""
    rows = [
        row("sample", "0.95"),
        row("mine", "0.6", changes="datasets.root=data/mine"),
        row("lr", "0.65", changes="datasets.root=data/mine; lr=1", count=1),
        row("lr_sample", "0.9", changes="lr=1", count=1),
        row("alone", "0.7", changes="datasets.root=data/other; lr=1", count=1),
    ]
    differences = {one["run"]: one["difference"] for one in ranked(rows)}
    assert differences == {"sample": "+0", "mine": "+0", "lr": "+0.05", "lr_sample": "-0.05", "alone": ""}


def test_a_row_is_compared_with_the_run_that_it_names():
    rows = [row("first", "0.6"), row("better", "0.9"), row("next", "0.95", baseline="better", changes="k=1", count=1)]
    assert ranked(rows)[0]["difference"] == "+0.05"


def test_any_column_may_be_compared_and_another_is_refused():
    rows = [row("a", "0.6", test_f1="0.5"), row("b", "0.5", changes="k=1", count=1, test_f1="0.75")]
    assert [(one["run"], one["difference"]) for one in ranked(rows, "test_f1")] == [("b", "+0.25"), ("a", "+0")]
    with pytest.raises(
        ValueError, match=r"expected sort to be a column of the table, got 'test_f2'; there are .*test_f1"
    ):
        ranked(rows, "test_f2")


def test_columns_that_somebody_removed_or_filled_otherwise_do_no_harm(tmp_path):
    """Inputs that fuzzing found."""
    names = ("run", "preset", "score", "change_count", "changes")
    write_table(tmp_path / "log.csv", [dict(zip(names, ("r", "p", "0.5", "two", "x" * 200_000), strict=True))], names)
    rows = ranked(read_rows(tmp_path / "log.csv", LOG))
    assert (rows[0]["monitor"], rows[0]["mark"]) == ("", "")
    assert len(printed(print_experiments, rows, width=100)) < 10_000
