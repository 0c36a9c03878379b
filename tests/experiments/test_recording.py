"""Submissions are recorded: their provenance, and their row in the ledger."""

import hashlib
import json
from pathlib import Path

import pytest

from ocr.experiments.ledger import LEDGER, scored_on_both
from ocr.experiments.provenance import Source, find_source, read_provenance
from ocr.experiments.recording import add_to_ledger, record_submission
from ocr.experiments.table import read_rows, read_table
from ocr.metrics import Ratios
from ocr.submission import SubmissionError

ONE_WORD = "filename,polygons\na.jpg,1 1 9 1 9 5 1 5\nb.jpg,\n"
TWO_WORDS = "filename,polygons\na.jpg,1 1 9 1 9 5 1 5|1 11 9 11 9 15 1 15\nb.jpg,\n"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working directory with a checkpoint."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "best.ckpt").write_text("weights")
    return tmp_path


def write(place, name, csv=ONE_WORD):
    folder = place / "submissions" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "submission.csv").write_text(csv)
    return folder


def record(place, name="first", csv=ONE_WORD, ledger="submissions/ledger.csv", **options):
    folder = write(place, name, csv)
    facts = {"checkpoints": [place / "best.ckpt"], "settings": {}, "validation": None, "commit": "abc"} | options
    record_submission(folder, **facts, ledger=None if ledger is None else place / ledger)
    return folder


def test_a_submission_has_its_provenance_beside_it(place):
    settings = {"models": {"head": {"thresh": 0.3}}, "calibration": place / "c.json"}
    scores = {"precision": 0.98, "recall": 0.97, "hmean": 0.975}
    folder = record(place, settings=settings, validation=scores)
    provenance = read_provenance(folder)
    assert provenance.checkpoints == (Source(str(place / "best.ckpt"), digest("weights")),)
    assert provenance.settings == {"models": {"head": {"thresh": 0.3}}, "calibration": str(place / "c.json")}
    assert provenance.validation == Ratios(0.98, 0.97, 0.975)
    assert (provenance.commit, provenance.csv_sha256) == ("abc", digest(ONE_WORD))
    content = json.loads((folder / "provenance.json").read_text())
    assert content["version"] == 1
    assert content["checkpoints"] == [{"path": str(place / "best.ckpt"), "sha256": digest("weights")}]
    with pytest.raises(ValueError, match="scores precision, recall, hmean, got val_hmean"):
        record(place, validation={"val_hmean": 0.9})


def test_a_submission_has_its_row_in_the_ledger(place):
    settings = {"models": {"head": {"thresh": 0.3}}, "tta": {"flip": True, "scales": [1.0, 0.5], "tile": None}}
    record(place, settings=settings, validation={"precision": 0.98, "recall": 0.97, "hmean": 0.9749871})
    (row,) = read_rows(place / "submissions/ledger.csv", LEDGER)
    assert tuple(row) == LEDGER.columns
    assert row["submission"] == "submissions/first"
    assert row["checkpoints"] == f"{place / 'best.ckpt'}@{digest('weights')[:12]}"
    assert row["settings"] == "models.head.thresh=0.3; tta.flip=true; tta.scales=[1.0,0.5]"
    assert (row["val_precision"], row["val_recall"], row["val_hmean"]) == ("0.98", "0.97", "0.974987")
    assert (row["images"], row["polygons"], row["csv_sha256"]) == ("2", "1", digest(ONE_WORD))
    assert (row["commit"], row["leaderboard_hmean"], row["note"]) == ("abc", "", "")


def test_the_same_csv_again_keeps_its_row_with_what_was_added_and_another_has_its_own(place):
    folder = record(place)
    add_to_ledger(place / "submissions/ledger.csv", folder, scores={"leaderboard_hmean": 0.98}, note="good")
    record(place, commit="later")
    record(place, csv=TWO_WORDS)
    first, second = read_rows(place / "submissions/ledger.csv", LEDGER)
    assert (first["commit"], first["leaderboard_hmean"], first["note"]) == ("later", "0.98", "good")
    assert (second["polygons"], second["leaderboard_hmean"]) == ("2", "")


def test_a_ledger_that_cannot_be_written_costs_a_warning(place, caplog):
    (place / "taken").write_text("a file")
    folder = record(place, ledger="taken/ledger.csv")
    assert "lacks this submission" in caplog.text
    assert read_provenance(folder) is not None


def test_a_folder_of_maps_is_known_by_its_index(tmp_path):
    (tmp_path / "index.json").write_text("{}")
    assert find_source(tmp_path) == Source(str(tmp_path), digest("{}"))
    (tmp_path / "other").mkdir()
    assert find_source(tmp_path / "other").sha256 == ""
    with pytest.raises(FileNotFoundError):
        find_source(tmp_path / "gone.ckpt")


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 2}', '{"version": 1, "checkpoints": []}'])
def test_a_damaged_provenance_is_refused(tmp_path, text):
    (tmp_path / "provenance.json").write_text(text)
    with pytest.raises(SubmissionError, match=r"provenance.json: expected a provenance of version 1.*remove the file"):
        read_provenance(tmp_path)


class TestAdding:
    """What the leaderboard said of a submission."""

    def test_a_folder_without_a_row_gets_one_with_the_provenance_of_its_csv(self, place):
        folder = record(place, ledger=None)
        assert not (place / "submissions/ledger.csv").exists()
        assert add_to_ledger(place / "ledger.csv", folder, scores={"val_hmean": 0.9})["commit"] == "abc"
        write(place, "first", TWO_WORDS)
        row = add_to_ledger(place / "other.csv", folder, scores={"val_hmean": 0.9})
        assert read_table(place / "other.csv") == [row]
        assert (row["submission"], row["polygons"], row["commit"]) == ("submissions/first", "2", "")
        (place / "theirs.csv").write_text(ONE_WORD)
        lone = add_to_ledger(place / "ledger.csv", place / "theirs.csv", scores={"val_hmean": 1})
        assert lone["submission"] == "theirs.csv"

    @pytest.mark.parametrize("name", ["submissions/first", "submissions/first/submission.csv"])
    def test_the_folder_and_its_csv_are_the_same_submission(self, place, name):
        record(place)
        add_to_ledger(place / "submissions/ledger.csv", place / name, scores={"leaderboard_hmean": 0.9})
        (row,) = read_rows(place / "submissions/ledger.csv", LEDGER)
        assert (row["submission"], row["leaderboard_hmean"]) == ("submissions/first", "0.9")

    def test_a_deleted_submission_keeps_its_row(self, place):
        folder = record(place)
        (folder / "submission.csv").unlink()
        (folder / "provenance.json").unlink()
        folder.rmdir()
        row = add_to_ledger(place / "submissions/ledger.csv", folder, scores={"leaderboard_hmean": 0.97})
        assert (row["commit"], row["leaderboard_hmean"]) == ("abc", "0.97")

    def test_a_score_that_is_there_is_replaced_on_demand_only(self, place):
        folder, ledger = write(place, "old"), place / "ledger.csv"
        add_to_ledger(ledger, folder, scores={"leaderboard_hmean": 0.9})
        add_to_ledger(ledger, folder, scores={"leaderboard_hmean": 0.9}, note="the same again is fine")
        with pytest.raises(ValueError, match=r"submissions/old has .*'0.9'.* already; set overwrite=true"):
            add_to_ledger(ledger, folder, scores={"leaderboard_hmean": 0.8})
        row = add_to_ledger(ledger, folder, scores={"leaderboard_hmean": 0.8}, overwrite=True)
        assert (row["leaderboard_hmean"], row["note"]) == ("0.8", "the same again is fine")

    @pytest.mark.parametrize(
        ("scores", "message"),
        [
            ({"leaderboard_hmean": 98.01}, r"leaderboard_hmean in \[0, 1\], got 98.01; write 0.9801, not 98.01"),
            ({"leaderboard_hmean": "high"}, "got 'high'"),
            ({"leaderboard_hmean": True}, "got True"),
            ({"leaderboard": 0.9}, "expected scores val_precision, .*, got leaderboard"),
            ({}, "something to add, got nothing; give leaderboard_precision=…"),
        ],
    )
    def test_what_is_no_score_is_refused(self, place, scores, message):
        with pytest.raises(ValueError, match=message):
            add_to_ledger(place / "ledger.csv", write(place, "old"), scores=scores)
        assert not (place / "ledger.csv").exists()

    def test_an_unknown_submission_is_refused_with_the_nearest(self, place):
        record(place, "resnet50")
        with pytest.raises(ValueError, match=r"resnet18: expected a folder with submission.csv.*submissions/resnet50"):
            add_to_ledger(place / "submissions/ledger.csv", place / "submissions/resnet18", scores={"val_hmean": 1})

    def test_another_table_is_refused_and_stays_and_none_is_no_ledger(self, place):
        (place / "log.csv").write_text("run,preset,score\na,b,1\n")
        with pytest.raises(ValueError, match=r"log.csv: expected a ledger of submissions, got a table of run, preset"):
            add_to_ledger(place / "log.csv", write(place, "old"), scores={"val_hmean": 1})
        assert (place / "log.csv").read_text() == "run,preset,score\na,b,1\n"
        with pytest.raises(ValueError, match=r"ledger.csv: expected a ledger of submissions, found none"):
            read_rows(place / "ledger.csv", LEDGER)


class TestReading:
    """The ledger as a table."""

    def test_submissions_scored_on_both_sides_are_named_by_their_folder(self):
        rows = [
            {"submission": "submissions/a", "val_hmean": "1", "leaderboard_hmean": "0"},
            {"submission": "submissions/b", "val_hmean": "0.9", "leaderboard_hmean": ""},
            {"submission": "submissions/c", "val_hmean": "", "leaderboard_hmean": "0.7"},
        ]
        assert scored_on_both(rows, Path("ledger.csv")) == [("a", 1, 0)]

    @pytest.mark.parametrize("score", ["about 0.9", "nan", "93.1", "-0.1", "\0"])
    def test_a_score_that_is_no_number_from_0_to_1_is_named(self, score):
        rows = [{"submission": "x", "val_hmean": score, "leaderboard_hmean": "0.8"}]
        with pytest.raises(ValueError, match=r"l\.csv: x: expected val_hmean as a number in \[0, 1\], got "):
            scored_on_both(rows, Path("l.csv"))

    def test_a_column_that_somebody_removed_is_empty(self, tmp_path):
        names = ",".join(name for name in LEDGER.columns if name not in ("settings", "polygons", "time"))
        (tmp_path / "ledger.csv").write_text(f"{names}\n" + "x," * names.count(",") + "\n")
        (row,) = read_rows(tmp_path / "ledger.csv", LEDGER)
        assert (row["settings"], row["polygons"], row["submission"]) == ("", "", "x")
