"""The encoder's beginnings: from a classifier's checkpoint by one key, and frozen for a while."""

import timm
import torch

from baseline_code.models import build_network
from ocr.models.encoder import Encoder
from runners.wiring.callbacks import freezing
from tests.lightning_modules.experiment import configured, fit, two_words, write_split

SMALL = "mobilenetv3_small_100"


def test_a_classifiers_checkpoint_starts_a_detector_by_one_key(tmp_path):
    classifier = build_network(SMALL, 4, img_size=32)
    state = {f"network.{name}": value for name, value in classifier.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "best.ckpt")
    encoder = Encoder(SMALL, pretrained=True, weights=tmp_path / "best.ckpt")  # the hub is not asked
    own = classifier.backbone.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in encoder.backbone.state_dict().items())
    staged = [id(parameter) for stage in encoder.stages() for parameter in stage.parameters()]
    assert sorted(staged) == sorted(id(parameter) for parameter in encoder.parameters())
    assert freezing(configured(tmp_path).models["encoder"], "detector.encoder") == []  # it learns from the start


def test_a_detector_trains_on_a_frozen_encoder(tmp_path):
    """The settings as typed: the encoder keeps the file's weights, also on average, and gives them to the next."""
    write_split(tmp_path, "train", {f"train_{index}.png": two_words(index) for index in range(4)})
    write_split(tmp_path, "val", {"val_0.png": two_words(4)})
    torch.manual_seed(5)
    saved = timm.create_model(SMALL).state_dict()
    torch.save(saved, tmp_path / "weights.pth")
    config = configured(
        tmp_path, f"models.encoder.weights={tmp_path / 'weights.pth'}", "models.encoder.frozen_epochs=null"
    )
    _, module = fit(config, tmp_path / "run")
    checkpoint = torch.load(tmp_path / "run/checkpoints/last.ckpt", weights_only=True)
    before = "detector.encoder.backbone."
    for kind in ("state_dict", "current_model_state"):  # averaged and trained weights
        encoder = {
            name.removeprefix(before): value for name, value in checkpoint[kind].items() if name.startswith(before)
        }
        assert len(encoder) == len(module.detector.encoder.backbone.state_dict())
        assert [name for name, value in encoder.items() if not torch.equal(value, saved[name])] == []
    again = Encoder(SMALL, weights=tmp_path / "run/checkpoints/last.ckpt").backbone.state_dict()
    assert [name for name, value in again.items() if not torch.equal(value, saved[name])] == []
    steps = {int(value["step"]) for value in checkpoint["optimizer_states"][0]["state"].values()}
    assert steps == {4}  # two epochs of two steps, of the decoder and the head alone
    trained = len(checkpoint["optimizer_states"][0]["state"])
    assert trained == sum(1 for name, _ in module.detector.named_parameters() if not name.startswith("encoder."))
