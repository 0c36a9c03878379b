"""`runners/ledger.py`: what the leaderboard said, and what two submissions differ in."""

import json
import sys

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from baseline_code.files.duplicates import file_sha256
from ocr.experiments.recording import validated_scores
from ocr.experiments.table import read_table
from runners.cli.entry import CONFIG_DIR
from runners.ledger import add, compare, main, name_positional, plot, show
from tests.commands import output, run, typed
from tests.small_data import block

WORD = "20 20 80 20 80 40 20 40"


@pytest.fixture
def call(capsys):
    """Calls a subcommand's function with its composed configuration; what it printed."""
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):

        def run_function(function, *settings):
            function(compose(f"leaderboard/{function.__name__}", list(map(typed, settings))))
            return capsys.readouterr().out

        yield run_function


@pytest.fixture
def submissions(tmp_path):
    """Two submissions, of which the second finds a word more, and their labels."""
    for name, field in (("first", ""), ("second", WORD)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "submission.csv").write_text(f"filename,polygons\na.png,{WORD}\nb.png,{field}\n")
    words = {"0001": {"points": block(20, 20, 60, 20)}}
    labels = {"images": {name: {"img_w": 100, "img_h": 100, "words": words} for name in ("a.png", "b.png")}}
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    return tmp_path


def test_scores_are_added_shown_and_plotted(submissions, call):
    ledger = f"ledger={submissions / 'ledger.csv'}"
    for name, leaderboard, validation in (("first", 0.8, 0.9), ("second", 0.9, 0.95)):
        scores = (f"leaderboard_hmean={leaderboard}", f"val_hmean={validation}")
        assert name in call(add, f"submission={submissions / name}", *scores, "note=by hand", ledger)
    assert [row["note"] for row in read_table(submissions / "ledger.csv")] == ["by hand", "by hand"]
    shown = call(show, ledger)
    assert 0 < shown.index("0.95") < shown.index("0.8")
    for _ in range(2):  # a chart is drawn anew
        call(plot, ledger, f"output={submissions / 'plot.png'}")
    assert (submissions / "plot.png").read_bytes().startswith(b"\x89PNG")
    (submissions / "scan.png").write_bytes(b"\x89PNG\r\n\x1a\n, cut short")
    with pytest.raises(FileExistsError, match=r"scan\.png is there already and is no chart: choose another output="):
        call(plot, ledger, f"output={submissions / 'scan.png'}")


def test_comparing_writes_the_changes_once(submissions, call):
    sides = (f"first={submissions / 'first'}", f"second={submissions / 'second'}")
    settings = (*sides, f"annotations={submissions / 'labels.json'}", f"output={submissions / 'changes.csv'}")
    printed = call(compare, *settings)
    assert "gain +0.50000" in printed
    assert "1 stayed, 0 moved, 0 lost, 1 gained" in printed
    assert (submissions / "changes.csv").read_text().splitlines()[1].startswith("b.png,0.000000,1.000000,1.000000")
    with pytest.raises(FileExistsError, match=r"changes.csv is there already: .* set overwrite=true"):
        call(compare, *settings)
    call(compare, *settings, "overwrite=true")


def test_a_comparison_replaces_none_of_the_files_that_it_reads(submissions, call):
    sides = (f"first={submissions / 'first'}", f"second={submissions / 'second'}")
    read = {"first=": "first/submission.csv", "second=": "second/submission.csv", "annotations=": "labels.json"}
    for setting, name in read.items():
        before = (submissions / name).read_bytes()
        with pytest.raises(FileExistsError, match=f"expected a file that the command does not read, got {setting}"):
            call(
                compare,
                *sides,
                f"annotations={submissions / 'labels.json'}",
                f"output={submissions / name}",
                "overwrite=true",
            )
        assert (submissions / name).read_bytes() == before


def test_labels_without_a_word_tell_nothing_of_two_submissions(submissions, call):
    names = {name: {"img_w": 100, "img_h": 100, "words": {}} for name in ("a.png", "b.png")}
    (submissions / "test.json").write_text(json.dumps({"images": names}))
    sides = (f"first={submissions / 'first'}", f"second={submissions / 'second'}")
    with pytest.raises(ValueError, match=r"nothing to score in .*test\.json: no readable word in its 2 images"):
        call(compare, *sides, f"annotations={submissions / 'test.json'}")


def test_the_command_takes_its_arguments_by_position(submissions):
    result = run("ledger", "compare", submissions / "first", submissions / "second", "show=0")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 stayed, 0 moved, 0 lost, 1 gained; agreement 0.6667" in output(result)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        (["a", "b", "show=3"], ["first='a'", "second='b'", "show=3"]),
        (["first=a", "+new.key=1", "b"], ["first=a", "+new.key=1", "first='b'"]),
        (["--cfg", "job", "a", "--help"], ["--cfg", "job", "first='a'", "--help"]),
    ],
)
def test_arguments_without_a_name_get_theirs(words, arguments):
    assert name_positional(words, ("first", "second")) == arguments


@pytest.mark.parametrize(
    "path", ["submissions/first", "my run", "a,b", "it's", "runs/lr=0.1", "C:\\runs\\", "a\\'b", "${x}", "[1]", "null"]
)
def test_hydra_reads_any_path_as_it_was_typed(path):
    (override,) = OverridesParser.create().parse_overrides(name_positional([path], ["submission"]))
    assert override.key_or_group == "submission"
    assert str(override.value()).replace("\\${", "${") == path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: add|show|plot|compare"),
        (["ad", "x"], "invalid choice: 'ad'"),
        (["add", "x", "y"], "add: expected <submission> [key=value …], got 'y' beyond that"),
    ],
)
def test_what_cannot_be_read_is_answered_with_the_usage_and_status_2(monkeypatch, capsys, arguments, said):
    monkeypatch.setattr(sys, "argv", ["runners/ledger.py", *arguments])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    assert said in capsys.readouterr().err


def test_the_validated_scores_of_a_checkpoint_are_those_of_the_best_epoch_of_its_training(tmp_path, monkeypatch):
    best = {"epoch": 3, "val_precision": 0.9, "val_recall": 0.8, "val_hmean": 0.85, "val_iou_hmean": 0.7}
    (tmp_path / "summary.json").write_text(json.dumps({"best": best}))
    checkpoint = tmp_path / "checkpoints/best.ckpt"
    assert validated_scores(checkpoint) == {"precision": 0.9, "recall": 0.8, "hmean": 0.85}
    assert validated_scores(checkpoint.with_name("last.ckpt")) is None
    assert validated_scores("elsewhere/best.ckpt") is None
    checkpoint.parent.mkdir()
    monkeypatch.chdir(checkpoint.parent)
    assert validated_scores("best.ckpt") == {"precision": 0.9, "recall": 0.8, "hmean": 0.85}
    for other in (None, {"val_accuracy": 0.9}):
        (tmp_path / "summary.json").write_text(json.dumps({"best": other}))
        assert validated_scores(checkpoint) is None


def test_a_best_checkpoint_that_is_newer_than_the_summary_has_no_known_scores(tmp_path):
    """A training ended, went on, found a better epoch and was interrupted."""
    checkpoint = tmp_path / "checkpoints/best.ckpt"
    checkpoint.parent.mkdir()
    checkpoint.write_bytes(b"of epoch 3")
    best = {"epoch": 3, "val_precision": 0.9, "val_recall": 0.8, "val_hmean": 0.85}
    (tmp_path / "summary.json").write_text(json.dumps({"best": best, "best_sha256": file_sha256(checkpoint)}))
    assert validated_scores(checkpoint) == {"precision": 0.9, "recall": 0.8, "hmean": 0.85}
    checkpoint.write_bytes(b"of epoch 7")
    assert validated_scores(checkpoint) is None
