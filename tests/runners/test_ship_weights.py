"""`runners/ship_weights.py`: a classifier's checkpoint becomes weights that a detector's encoder starts from."""

import pytest
import torch

from baseline_code.files.json_file import write_json
from baseline_code.models.backbones import create_backbone
from baseline_code.weights.fitting import load_backbone
from baseline_code.weights.shipped import read_manifest, read_shipped
from runners.ship_weights import describe_run, main
from runners.wiring.checkpoints import CheckpointError
from tests.classifier_runs import SMALL, call, write_images
from tests.commands import composed


def settings(**values):
    return composed("ship_weights", *(f"{name}={value}" for name, value in values.items()))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A ResNet18 that has seen two colours for one epoch."""
    folder = tmp_path_factory.mktemp("run")
    write_images(folder / "images", {"train": 4, "val": 2}, side=32)
    arguments = (f"datasets.root={folder / 'images'}", f"hydra.run.dir={folder / 'run'}", "trainer.max_epochs=1")
    with pytest.MonkeyPatch.context() as patch:
        assert call(patch, "pretrain", *SMALL, *arguments, "models.network.name=resnet18", "datasets.img_size=32") == 0
    return folder / "run"


def test_a_checkpoint_becomes_weights_of_its_backbone_that_fit_a_detector_and_tell_where_they_come_from(run, tmp_path):
    checkpoint, folder = run / "checkpoints/best.ckpt", tmp_path / "resnet18"
    arguments = {"checkpoint_path": checkpoint, "output": folder, "description": "colours"}
    main(settings(**arguments))
    shipped = read_shipped(folder)
    learnt = torch.load(checkpoint, weights_only=True)["state_dict"]["network.backbone.conv1.weight"]
    assert torch.equal(shipped["conv1.weight"], learnt.half())
    assert not any(name.startswith(("head", "fc")) for name in shipped)
    backbone = create_backbone("resnet18")
    load_backbone(backbone, shipped, name="resnet18", source="the test")
    assert torch.equal(backbone.state_dict()["conv1.weight"], learnt.half().float())
    source = read_manifest(folder)["source"]
    known = {"description": "colours", "seed": 42, "epochs": 1, "classes": ["blue", "red"]}
    assert {name: source[name] for name in known} == known
    assert source["scores"]["epoch"] == 0
    with pytest.raises(FileExistsError, match=r"holds weights already: choose another output=, or set overwrite=true"):
        main(settings(**arguments))
    main(settings(**arguments, overwrite=True))


def test_a_checkpoint_in_the_working_folder_is_shipped_with_what_its_run_says(run, tmp_path, monkeypatch):
    monkeypatch.chdir(run / "checkpoints")
    main(settings(checkpoint_path="best.ckpt", output=tmp_path / "resnet18", description="colours"))
    assert read_manifest(tmp_path / "resnet18")["source"]["scores"]["epoch"] == 0


def test_the_scores_are_those_of_the_checkpoints_epoch_and_not_of_the_best(tmp_path):
    epochs = [{"epoch": 0, "val_loss": 0.25}, {"epoch": 1, "val_loss": 0.5}]
    write_json(tmp_path / "summary.json", {"commit": "abc", "best": epochs[0], "epochs": epochs})
    last = {"config": {"seed": 42}, "classes": ["blue", "red"], "epoch": 1}
    told = describe_run(last, tmp_path / "checkpoints/last.ckpt")
    assert (told["epochs"], told["scores"], told["commit"]) == (2, {"epoch": 1, "val_loss": 0.5}, "abc")


def test_a_detector_is_refused(tmp_path):
    torch.save({"config": {}, "state_dict": {}}, tmp_path / "detector.ckpt")
    with pytest.raises(CheckpointError, match="expected a classifier's checkpoint, got a detector's"):
        main(settings(checkpoint_path=tmp_path / "detector.ckpt", output=tmp_path / "out", description="none"))
