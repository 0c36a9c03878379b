"""`runners/ceiling.py`: a perfect network, and one whose cores are a little off."""

from runners.ceiling import main
from tests.commands import composed

SMALL = ("datasets.img_size=320", "datasets.val.limit=2", "worst=0")


def test_errors_of_the_cores_are_told_where_they_are_asked_for(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    main(composed("ceiling", *SMALL))
    perfect = capsys.readouterr().out
    assert "mean IoU of all words" in perfect
    assert "cores off" not in perfect
    main(composed("ceiling", *SMALL, "core_error=0.5", "sizes=[320,480]", "shrink_ratios=[0.6]"))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("│")[1:3] for line in lines if line.startswith(("│ 320", "│ 480"))] == [
        [" 320  ", " 0.4 "],
        [" 320  ", " 0.6 "],
        [" 480  ", " 0.4 "],
        [" 480  ", " 0.6 "],
    ]
    suggestions = [line for line in lines if "models.head.shrink_ratio=0.6, 0." in line]
    assert [line.partition(" px")[0] for line in suggestions] == ["320", "480"]
    assert all("r = 0.4: 0." in line for line in suggestions)
