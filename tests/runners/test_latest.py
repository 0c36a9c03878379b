"""`checkpoint_path=latest`."""

import os

import pytest

from runners.cli.entry import CONFIG_DIR
from runners.cli.latest import name_latest
from runners.cli.quoting import quote_overrides
from runners.cli.setting_types import read_settings
from runners.cli.spellings import UsageError


@pytest.fixture
def trainings(tmp_path, monkeypatch):
    """A detector of each of two presets, then a classifier, then a fold, which is not what `latest` means."""
    monkeypatch.chdir(tmp_path)
    for age, (folder, command, preset) in enumerate(
        [
            ("outputs/a/1", "train", "resnet18_unet_640"),
            ("outputs/my runs/2", "train", "quickstart"),
            ("outputs/c/3", "pretrain", "classify/pneumonia_resnet18_180"),
            ("outputs/kfold/quickstart/5_folds/fold_0", "kfold", "quickstart"),
        ]
    ):
        run = tmp_path / folder
        (run / "checkpoints").mkdir(parents=True)
        (run / "checkpoints/best.ckpt").touch()
        os.utime(run / "checkpoints/best.ckpt", (1000 + age, 1000 + age))
        (run / ".hydra").mkdir()
        (run / ".hydra/hydra.yaml").write_text(
            f"hydra:\n  job:\n    config_name: {command}\n  runtime:\n    choices:\n      preset: {preset}\n"
        )


@pytest.mark.parametrize(
    ("command", "typed", "named"),
    [
        ("evaluate", "checkpoint_path=latest", "checkpoint_path='outputs/my runs/2/checkpoints/best.ckpt'"),
        ("evaluate", "checkpoint_path=latest:resnet18_unet_640", "checkpoint_path=outputs/a/1/checkpoints/best.ckpt"),
        ("classify", "checkpoint_path=latest", "checkpoint_path=outputs/c/3/checkpoints/best.ckpt"),
        ("train", "models.encoder.weights=latest", "models.encoder.weights=outputs/c/3/checkpoints/best.ckpt"),
        (
            "ensemble",
            "members=[latest:resnet18_unet_640,{path: latest},latest.csv]",
            "members=[outputs/a/1/checkpoints/best.ckpt,{path: 'outputs/my runs/2/checkpoints/best.ckpt'},latest.csv]",
        ),
        ("evaluate", "output=latest", "output=latest"),
        ("evaluate", "checkpoint_path=runs/latest", "checkpoint_path=runs/latest"),
    ],
)
def test_the_newest_training_of_the_right_kind_takes_the_place_of_its_name(trainings, command, typed, named):
    assert name_latest(command, [typed]) == [named]


def test_a_folder_of_any_letters_is_found_for_a_member_with_settings_of_its_own(trainings, tmp_path):
    (tmp_path / "outputs/my runs").rename(tmp_path / "outputs/영수증")
    (named,) = name_latest("ensemble", ["members=[{path: latest, img_size: 640}]"])
    assert quote_overrides([named], read_settings(CONFIG_DIR, "ensemble")) == [named]
    assert named == "members=[{path: 'outputs/영수증/2/checkpoints/best.ckpt', img_size: 640}]"


def test_what_was_found_is_said(trainings, capsys):
    name_latest("classify", ["checkpoint_path=latest"])
    assert capsys.readouterr().err == "checkpoint_path: latest is outputs/c/3/checkpoints/best.ckpt\n"


def test_a_file_of_that_name_is_taken(trainings, tmp_path):
    (tmp_path / "latest").touch()
    assert name_latest("evaluate", ["checkpoint_path=latest"]) == ["checkpoint_path=latest"]


def test_without_such_a_training_the_presets_are_listed_that_there_are(trainings):
    with pytest.raises(
        UsageError, match=r"preset=hrnet below outputs/, found classify/\w+, quickstart, resnet18_unet_640"
    ):
        name_latest("evaluate", ["checkpoint_path=latest:hrnet"])
