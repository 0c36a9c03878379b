"""Every setting of every command has a type, and what people type is answered in one line before anything is loaded."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from runners.cli.command_line import UsageError, check_overrides
from runners.cli.entry import CONFIG_DIR
from runners.cli.quoting import quote_overrides
from runners.cli.setting_types import Setting, find_fault, fits, read_settings
from runners.cli.spellings import complete_overrides
from tests.commands import ROOT

PARTS = ("training", "base", "classification", "overrides", "in_place")  # of commands
COMMANDS = sorted(
    path.relative_to(CONFIG_DIR).with_suffix("").as_posix()
    for folder in ("", "leaderboard")
    for path in (CONFIG_DIR / folder).glob("*.yaml")
    if path.stem not in PARTS
)


def checked(command: str, *overrides: str) -> list[str]:
    """The command line as Hydra gets it."""
    completed = complete_overrides(command, quote_overrides(overrides, read_settings(CONFIG_DIR, command)))
    check_overrides(CONFIG_DIR, command, completed)
    return completed


def fault(command: str, *overrides: str) -> str:
    with pytest.raises(UsageError) as caught:
        checked(command, *overrides)
    return str(caught.value)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_setting_has_a_type_that_its_default_fits(command: str):
    for key, setting in read_settings(CONFIG_DIR, command).items():
        assert setting.type, key
        if setting.default != "???" and "${" not in setting.default:
            assert fits(yaml.safe_load(setting.default), setting.type), key


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_and_has_three_examples(command: str):
    lines = (CONFIG_DIR / f"{command}.yaml").read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#") and "@package" not in line][:4]
    assert [line.startswith("# python runners/") for line in comments] == [False, True, True, True]


PRECISIONS = "32-true | bf16-mixed | 16-mixed"
TYPED = [
    # setting, what is allowed, what came, an example that works
    ("models.head.max_candidates=1e3", "int >= 1", "1000.0", "1000"),
    ("models.optimizer.lr='1e-3'", "number > 0", "'1e-3'", "0.001"),
    ("models.optimizer.name=AdamW", "adamw | adam | sgd", "'AdamW'", "adamw"),
    ("models.schedule.milestones=[10,20]", "list of number in (0, 1)", "[10,20]", "[0.6,0.85]"),
    ("models.head.mode=quads", "polygon | quad", "'quads'", "quad"),
    ("models.head.shrink_ratio=1.5", "number in (0, 1]", "1.5", "0.4"),
    ("models.loss.probability_weight=-1", "number >= 0", "-1", "5.0"),
    ("models.ema.decay=2", "number in [0, 1)", "2", "0.999"),
    ("datasets.img_size=31", "multiple of 32", "31", "640"),  # once, though the splits' sizes follow it
    ("datasets.img_size=64.5", "multiple of 32", "64.5", "640"),
    ("datasets.num_workers=-1", "auto | int >= 0", "-1", "auto"),
    ("datasets.train.flip=true", "number in [0, 1]", "true", "0.0"),
    ("datasets.train.light=[0.1,0.2]", "number in [0, 1]", "[0.1,0.2]", "0.5"),
    ("datasets.train.limit=0", "null | int >= 1", "0", "1"),
    ("datasets.train.rotate=[-4,4]", "number in [0, 180]", "[-4,4]", "4.0"),
    ("datasets.train.scale=[0.5]", "range of number > 0", "[0.5]", "[0.7,1.5]"),
    ("datasets.train.scale=[1.5,0.5]", "range of number > 0", "[1.5,0.5]", "[0.7,1.5]"),
    ("datasets.train.shift=2", "number in [0, 1]", "2", "0.2"),
    ("early_stopping.patience=3.5", "int >= 0", "3.5", "5"),
    ("seed=null", "int >= 0", "null", "42"),
    ("trainer.accelerator=gpus", "auto | cpu | gpu | cuda | mps | tpu", "'gpus'", "gpu"),
    ("trainer.batch_size=0", "int >= 1", "0", "4"),
    ("trainer.devices=-2", "auto | -1 | int >= 1 | list of int >= 0", "-2", "auto"),
    ("trainer.gradient_clip_val=-1", "null | number > 0", "-1", "5.0"),
    ("trainer.limit_train_batches=0", "int >= 1 | number in (0, 1]", "0", "1.0"),
    ("trainer.precision=bf16", PRECISIONS, "'bf16'", "bf16-mixed"),
    ("trainer.precision=bf16-true", PRECISIONS, "'bf16-true'", "bf16-mixed"),  # batches are not changed by Lightning
]


@pytest.mark.parametrize(("typed", "allowed", "came", "example"), TYPED, ids=[row[0] for row in TYPED])
def test_a_value_of_another_type_is_one_line_with_key_type_value_and_example(typed, allowed, came, example):
    key = typed.partition("=")[0]
    (line,) = fault("train", typed).splitlines()
    assert line.startswith(f"{key}: expected {allowed}")
    said, _, shown = line.partition("; e.g. ")
    assert said.endswith(f", got {came}")
    assert shown.startswith(f"{key}=")
    if "flip" not in key and "scale" not in key:
        assert shown == f"{key}={example}"
    checked("train", shown)


@pytest.mark.parametrize(
    "typed",
    [
        "datasets.num_workers=auto",
        "datasets.img_size=[1024,1024]",
        "early_stopping.patience=0",
        "models.encoder.frozen_epochs=null",
        "models.optimizer.lr=1e-3",
        "trainer.deterministic=warn",
        "trainer.devices=-1",
        "trainer.devices=[0,1]",
        "trainer.limit_train_batches=2",
        "trainer.limit_val_batches=0",
        "logger=[csv,wandb]",
        "datasets.img_size=[640,640],[1024,1024]",  # a sweep
        "debug=overfit",
    ],
)
def test_what_has_a_meaning_is_taken(typed: str):
    checked("train", typed)


@pytest.mark.parametrize(
    ("command", "typed", "expected"),
    [
        ("predict", "tta.scales=1.25", "tta.scales: expected list of number > 0"),
        ("predict", "models.head.max_candidates=1e3", "models.head.max_candidates: expected null | int >= 1"),
        (
            "predict",
            "save_maps_bits=12",
            "save_maps_bits: expected 8 | 16 (of a pixel), got 12; e.g. save_maps_bits=16",
        ),
        (
            "kfold",
            "kfold.n_splits=1",
            "kfold.n_splits: expected int >= 2 (number of folds), got 1; e.g. kfold.n_splits=5",
        ),
        ("generate", "quality=[90,96]", "quality: expected range of int in [1, 95]"),
        ("generate_scenes", "quality=[0,90]", "quality: expected range of int in [1, 95]"),
        ("generate_slices", "growth=4.5", "growth: expected number in [0.5, 4]"),
        ("pretrain", "datasets.patches.val=0", "datasets.patches.val: expected int >= 1"),
        ("pretrain", "datasets.train.shift=1", "datasets.train.shift: expected number in [0, 1)"),
        ("train", "datasets.pseudo.low=0.6", "datasets.pseudo.low: expected number in [0, 0.5]"),
        ("train", "datasets.pseudo.high=0.4", "datasets.pseudo.high: expected number in [0.5, 1]"),
        ("ensemble", "vote=0", "vote: expected null | number in (0, 1]"),
        ("ensemble", "iou_threshold=1", "iou_threshold: expected number in (0, 1)"),
        ("kfold", "kfold.text_similarity=0", "kfold.text_similarity: expected null | number in (0, 1]"),
        ("train", "+unknown=3", "unknown key unknown"),
        ("predict", "+trainer.devices=2", "unknown key trainer.devices; "),  # only a training reads more of them
        ("train", "+models.optimizer._target_=torch.optim.SGD", "unknown key models.optimizer._target_; nearest: "),
        (
            "train",
            "models.optimizer.lr=0.1,abc",
            "models.optimizer.lr: expected number > 0 (learning rate), got 'abc'",
        ),  # a sweep
        ("train", "datasets.img_size=[640,640],[1024,768]", "datasets.img_size: expected one side in pixels (1024)"),
        (
            "train",
            "models.optimizer.lr=tag(log,interval(0.0001,0.01))",
            "models.optimizer.lr=tag(log,interval(0.0001,0.01)): an interval needs a sweeper that draws from it "
            "(hydra/sweeper=…); without one, type values: --multirun models.optimizer.lr=0.0001,0.01",
        ),
        ("train", "datasets.img_size=[1024,768]", "datasets.img_size: expected one side in pixels (1024)"),
        ("train", "logger=tensorbord", 'no "tensorbord" in logger; expected one of: csv, mlflow, tensorboard, wandb'),
        ("train", "~early_stopping.patience", "early_stopping.patience: a setting cannot be taken out"),
        ("train", "~early_stopping", "early_stopping: a setting cannot be taken out; give it another value"),
        ("train", "~trainer.max_time", "trainer.max_time: a setting cannot be taken out"),  # Hydra: there is none
        (
            "train",
            "models.optimizer=adam",
            "models.optimizer is a group, expected settings below it (models.optimizer.name, models.optimizer.lr, "
            "models.optimizer.weight_decay, …), got adam",
        ),
        (
            "train",
            "early_stopping=null",
            "early_stopping is a group, expected settings below it (early_stopping.enabled,",
        ),
        (
            "train",
            "logger=null",
            "expected logger to be one or a list of csv, mlflow, tensorboard, wandb, got null in logger=null; none of "
            "them: logger=[]",
        ),
        ("train", "preset=null", "expected preset to be one or a list of "),
        ("train", "epochs", "expected key=value, got 'epochs'"),
        ("train", "=3", "expected key=value, got '=3'"),
        (
            "train",
            "datasets.root=",
            "datasets.root: expected path (images/<split>/*, jsons/<split>.json), got ''; e.g. ",
        ),
        ("predict", "images=", "images: expected path (a folder, a file, or a split of the data by its name), got ''"),
    ],
)
def test_other_commands_and_mistakes_are_answered_too(command: str, typed: str, expected: str):
    required = {
        "predict": ["checkpoint_path=a.ckpt"],
        "ensemble": ["members=[a.ckpt,b.ckpt]"],
        "pretrain": ["preset=classify/text_patches_resnet18"],
    }
    needed = ["output=new"] if command.startswith("generate") else required.get(command, [])
    assert fault(command, *needed, typed).startswith(expected)


@pytest.mark.parametrize(
    ("command", "typed", "read"),
    [
        ("train", "datasets.root=/data/한글 데이터", "datasets.root='/data/한글 데이터'"),
        ("train", "datasets.root=/data/my data (1)", "datasets.root='/data/my data (1)'"),
        ("train", "experiment.note=wider, it's slower", r"experiment.note='wider, it\'s slower'"),
        ("train", "hydra.run.dir=/runs/한글", "hydra.run.dir='/runs/한글'"),
        ("train", "resume=epoch=8-step=1845.ckpt", "resume='epoch=8-step=1845.ckpt'"),
        ("train", "resume=auto", "resume=auto"),
        ("train", "experiment.log=null", "experiment.log=null"),
        ("train", "datasets.root=${oc.env:DATA}", "datasets.root=${oc.env:DATA}"),
        ("predict", "images=~/pics", f"images={Path.home()}/pics"),
        ("predict", "images=/data/x[1].jpg", "images='/data/x[1].jpg'"),
        ("predict", "images=/data/a,b", "images='/data/a,b'"),
        ("predict", "images=/data/a$b.jpg", "images=/data/a$b.jpg"),
        ("predict", "images=2024", "images='2024'"),
        ("predict", "images='already quoted'", "images='already quoted'"),
        ("ensemble", "members=[epoch=3-val=0.5.ckpt,b.ckpt]", "members=['epoch=3-val=0.5.ckpt','b.ckpt']"),
    ],
)
def test_paths_and_names_are_taken_as_they_are(command: str, typed: str, read: str):
    assert quote_overrides([typed], read_settings(CONFIG_DIR, command)) == [read]


def test_commas_are_a_sweep_of_a_multirun():
    settings = read_settings(CONFIG_DIR, "train")
    assert quote_overrides(["resume=a,b"], settings, multirun=True) == ["resume=a,b"]
    assert quote_overrides(["resume=a 1,나"], settings, multirun=True) == ["resume='a 1','나'"]
    assert quote_overrides(["resume=a 1,나"], settings) == ["resume='a 1,나'"]


def test_a_type_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="expected a type of a setting, got 'a b'"):
        fits(1, "a b")
    assert find_fault("key", object(), Setting("1", "", "")) is None


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["train", "--help"], 0, r"Train a detector(.|\n)*quickstart(.|\n)*trainer\.max_epochs=20"),
        (["score", "--help"], 0, r"Score a prediction file(.|\n)*worst=10 +int >= 0"),
        (["train", "trainer.max_epoch=3"], 2, r"unknown key trainer\.max_epoch; nearest: trainer\.max_epochs"),
        (
            ["predict", "checkpoint_path=nope.ckpt"],
            2,
            r"checkpoint_path: expected a file or folder, found none",
        ),
        (
            ["ensemble", "members=[data/sample,{path: nope.ckpt, img_size: 640}]", "search.maps=[data/sampel]"],
            2,
            r"members: expected a file or folder, found none at nope\.ckpt\n"
            r"search\.maps: expected a file or folder, found none at data/sampel; near: data/sample\n",
        ),
        (
            ["report", "predictions=[README.md,gone.csv]", "annotations=README.md", "images=data/sample"],
            2,
            r"predictions: expected a file or folder, found none at gone\.csv",
        ),
        (
            ["score", "--multirun", "predictions=README.md,data/sampel", "annotations=README.md"],
            2,
            r"predictions: expected a file or folder, found none at data/sampel; near: data/sample\n",
        ),
        (["evaluate"], 2, r"checkpoint_path has no value; give checkpoint_path=…"),
    ],
)
def test_the_answer_comes_before_torch_is_imported(arguments: list[str], status: int, expected: str):
    runner, *rest = arguments
    code = (
        f"import runpy, sys; sys.argv = ['runners/{runner}.py', *{rest!r}]\n"
        "try:\n    runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "finally:\n    print(sorted({'torch', 'cv2', 'pytorch_lightning', 'rich'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == status, result.stderr
    assert result.stdout.splitlines()[-1] == "[]"
    assert re.search(expected, result.stdout + result.stderr)
