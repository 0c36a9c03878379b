"""Timings side by side."""

import json
import sys
import time

from benchmarks import peers
from benchmarks.report import Timing, publish, time_in_turn, timing_rows


def test_a_timing_is_in_milliseconds_after_a_call_that_does_not_count():
    calls = []
    assert list(time_in_turn({name: lambda name=name: calls.append(name) for name in "ab"}, rounds=2)) == ["a", "b"]
    assert calls == ["a", "b", "a", "b", "a", "b"]
    (timing,) = time_in_turn({"nap": lambda: time.sleep(0.02)}, rounds=3).values()
    assert 20 <= timing.fastest <= timing.median <= timing.slowest


def test_rows_compare_medians_with_the_first_and_share_the_work_among_pieces():
    ours, other = timing_rows("maps", {"ours": Timing(8.0, 4.0, 10.0), "other": Timing(20.0, 18.0, 30.0)}, divisor=2)
    assert ours == {
        "work": "maps", "by": "ours", "median ms": 4.0, "fastest ms": 2.0, "slowest ms": 5.0, "times ours": 1.0
    }  # fmt: skip
    assert other["median ms"] == 10.0
    assert other["times ours"] == 2.5


def test_what_is_printed_is_written_with_the_machine(tmp_path, capsys):
    path = tmp_path / "table.json"
    publish("Title", [{"by": "ours", "ms": 1.23456}, {"by": "other", "found": 3}], path, note="A note")
    printed = capsys.readouterr().out
    assert "Title" in printed
    assert "1.235" in printed
    content = json.loads(path.read_text())
    assert content["rows"] == [{"by": "ours", "ms": 1.23456}, {"by": "other", "found": 3}]
    assert content["note"] == "A note"
    assert {"processor", "cores", "torch"} <= content["machine"].keys()


def test_a_peer_comes_from_its_own_folder_and_ours_come_first(tmp_path, monkeypatch):
    (tmp_path / "only_a_peer.py").write_text("NAME = 'peer'\n")
    (tmp_path / "cv2.py").write_text("raise ImportError\n")
    monkeypatch.setattr("sys.path", [*sys.path])
    monkeypatch.setattr(peers, "FOLDER", tmp_path / "nowhere")
    assert peers.import_peer("only_a_peer") is None
    monkeypatch.setattr(peers, "FOLDER", tmp_path)
    module = peers.import_peer("only_a_peer")
    assert module is not None
    assert module.NAME == "peer"
    assert peers.import_peer("cv2").__file__ != str(tmp_path / "cv2.py")
