"""README's commands run as they are typed, one after the other; only their sizes are small."""

import shutil
import subprocess
import sys

import pytest
import torch

from runners.wiring.training import build_module
from tests.commands import ROOT
from tests.lightning_modules.experiment import configured
from tests.runners.test_readme import COMMANDS, typed

DETECTOR = (
    *("datasets.img_size=64", "datasets.num_workers=0", "datasets.val.limit=2", "models.decoder.inner_channels=8"),
    *("models.decoder.output_channels=8", "models.encoder.pretrained=false", "trainer.accelerator=cpu"),
    *("trainer.limit_train_batches=1", "trainer.max_epochs=1", "trainer.batch_size=2", "early_stopping.patience=3"),
)
CLASSIFIER = (
    *("datasets.img_size=64", "datasets.num_workers=0", "models.network.pretrained=false", "trainer.accelerator=cpu"),
    *("trainer.max_epochs=1", "trainer.limit_train_batches=1", "datasets.limit=20", "trainer.batch_size=4"),
)
SMALL = {
    "train": DETECTOR,
    "kfold": (*DETECTOR, "models.encoder.name=mobilenetv3_small_050"),
    "evaluate": ("limit=2",),
    "ceiling": ("datasets.img_size=320",),
    "generate": ("train=2", "val=1", "test=1"),
    "generate_slices": ("train=8", "val=4", "test=4", "size=64"),
    "calibrate": ("search.n_trials=1", "search.repeats=1"),
    "pretrain": CLASSIFIER,
}
TRANSLATED = {"hydra/launcher=joblib": None, "datasets.download=true": None}
"""What needs a network or an extra package."""


@pytest.fixture
def workspace(tmp_path):
    """A folder in which the commands find what README's reader has by then."""
    (tmp_path / "data").mkdir()
    (tmp_path / "runners").symlink_to(ROOT / "runners")
    (tmp_path / "data/sample").symlink_to(ROOT / "data/sample")
    (tmp_path / "my_folder").mkdir()
    shutil.copy(ROOT / "data/sample/images/test/test_0000.jpg", tmp_path / "my_folder")
    module = build_module(configured("data/sample", "models.head.thresh=0", "models.head.box_thresh=0"))  # finds a word
    for name in ("a", "b", "best"):
        torch.save({"state_dict": module.state_dict(), "config": module.config}, tmp_path / f"{name}.ckpt")
    return tmp_path


def prepare(folder, runner, words):
    """What a reader has got meanwhile: prediction files of others, a classifier."""
    first = folder / "submissions/first"
    if "vote=0.6" in words:
        content = (first / "submission.csv").read_bytes()
        (folder / "a.csv").write_bytes(content)
        (folder / "b.csv").write_bytes(content.replace(b"\n", b"\r\n"))  # the same file twice is refused
        shutil.copy(first / "predictions.json", folder / "c.json")
    if runner == "classify":
        newest = max((folder / "outputs/classify").rglob("best.ckpt"), key=lambda path: path.stat().st_mtime)
        shutil.copy(newest, folder / "best.ckpt")


def small(command):
    """The runner and its arguments, each size that stands in SMALL in the place of the typed one."""
    file, words = typed(command)
    runner = file.removeprefix("runners/").removesuffix(".py")
    keys = {setting.partition("=")[0] for setting in SMALL.get(runner, ())}
    words = [word for word in words if word.partition("=")[0] not in keys and TRANSLATED.get(word, word)]
    return runner, [*words, *SMALL.get(runner, ())]


def test_the_commands_of_the_readme_run_in_their_order(workspace):
    for command in COMMANDS:
        if "anything" in typed(command)[1] or "cifar10" in command:
            continue  # an ellipsis; a data set that has to be fetched
        runner, words = small(command)
        prepare(workspace, runner, words)
        done = subprocess.run(
            [sys.executable, f"runners/{runner}.py", *words],
            cwd=workspace,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{command}\n{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
