"""`runners/generate.py`, `generate_scenes.py` and `generate_slices.py` as users call them."""

import pytest

from tests.commands import ROOT, composed, output, run
from tests.synthetic.receipts.test_dataset import contents

TINY = ("seed=3", "train=1", "val=1", "test=0")
SMALL = {
    "generate": (),
    "generate_scenes": (f"backgrounds={ROOT / 'data/sample/images/test'}", "receipts=0", "signs=0"),
    "generate_slices": ("size=64",),
}


def test_the_same_command_twice_gives_the_same_receipts_and_writes_nowhere_else(tmp_path):
    before = set(ROOT.iterdir())
    for name in ("first", "second"):
        made = run("generate", f"output={tmp_path / name}", *TINY)
        assert made.returncode == 0, output(made)
    first = contents(tmp_path / "first")
    assert sum(name.endswith(".jpg") for name in first) == 2
    assert first == contents(tmp_path / "second")
    assert {path.name for path in set(ROOT.iterdir()) - before} <= {".pytest_cache"}


def test_slices_have_the_size_of_the_reference_data_and_their_class_as_folder(tmp_path):
    config = composed("generate_slices", "output=unused")
    assert (config.train, config.val, config.test, config.size) == (4000, 500, 500, 512)
    made = run("generate_slices", f"output={tmp_path}", "train=4", "val=2", "test=0", "size=64", "seed=3")
    assert made.returncode == 0, output(made)
    assert {name for name in contents(tmp_path) if name.endswith(".png")} == {
        *(f"train/{name}.png" for name in ("normal/00000", "defect/00001", "normal/00002", "defect/00003")),
        *(f"val/{name}.png" for name in ("normal/00000", "defect/00001")),
    }


@pytest.mark.parametrize("runner", SMALL)
def test_a_folder_with_files_is_refused_unless_told_to_overwrite(tmp_path, runner):
    (tmp_path / "mine.txt").write_text("mine")
    refused = run(runner, f"output={tmp_path}", *TINY, *SMALL[runner])
    assert refused.returncode == 1
    assert "set overwrite=true" in output(refused)
    allowed = run(runner, f"output={tmp_path}", *TINY, *SMALL[runner], "overwrite=true")
    assert allowed.returncode == 0, output(allowed)
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("backgrounds=EMPTY",), "expected images without words in backgrounds=EMPTY, got none"),
        (("receipts=0.8", "signs=0.7"), "expected receipts >= 0 and signs >= 0, together up to 1, got 0.8 and 0.7"),
    ],
    ids=["no photograph", "fractions above 1"],
)
def test_what_cannot_be_drawn_is_said_in_one_line(tmp_path, settings, message):
    (tmp_path / "empty").mkdir()
    typed = [setting.replace("EMPTY", str(tmp_path / "empty")) for setting in settings]
    refused = run("generate_scenes", f"output={tmp_path / 'scenes'}", *TINY, *typed)
    assert refused.returncode == 1
    assert message.replace("EMPTY", str(tmp_path / "empty")) in output(refused)
    assert "Traceback" not in output(refused)


def test_a_missing_output_and_an_impossible_size_are_named(tmp_path):
    missing = run("generate", *TINY)
    assert (missing.returncode, "output" in missing.stderr) == (2, True)
    small = run("generate_slices", f"output={tmp_path / 'battery'}", "train=1", "val=0", "test=0", "size=8")
    assert small.returncode == 2
    assert "size: expected int >= 64 (side in pixels), got 8" in output(small)
