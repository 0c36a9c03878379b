"""The weights that the repository ships: whole, of their encoder, small enough for a repository, described."""

import logging

import pytest
import torch

from baseline_code.models.backbones import create_backbone
from baseline_code.weights import pretrained
from baseline_code.weights.shipped import PIECE_BYTES, SHIPPED, read_manifest, read_shipped

FOLDERS = sorted(path.parent for path in SHIPPED.glob("*/manifest.json"))
FROM_IMAGENET = {"resnet18"}
by_encoder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@by_encoder
def test_shipped_weights_are_whole_and_of_the_encoder_that_their_folder_names(folder):
    assert read_manifest(folder)["encoder"] == folder.name
    assert all(torch.isfinite(tensor).all() for tensor in read_shipped(folder).values())


@by_encoder
def test_pieces_of_shipped_weights_have_at_most_16_mb(folder):
    assert all(piece.stat().st_size <= PIECE_BYTES for piece in folder.glob("part-*.bin"))


@by_encoder
def test_each_encoder_has_a_model_card(folder):
    card = (folder / "README.md").read_text(encoding="utf-8")
    made = "## Conversion" if folder.name in FROM_IMAGENET else "## Training"
    for heading in ("## Data", made, "## Scores", "## Limits"):
        assert heading in card


@by_encoder
def test_without_a_hub_a_pretrained_encoder_starts_from_them_and_says_so(folder, monkeypatch, caplog):
    monkeypatch.setattr(pretrained, "hub_out_of_reach", lambda: True)
    monkeypatch.setattr(pretrained, "in_hub_cache", lambda name: False)
    with caplog.at_level(logging.INFO):
        backbone = create_backbone(folder.name, pretrained=True)
    shipped = read_shipped(folder)
    assert torch.equal(backbone.state_dict()["conv1.weight"], shipped["conv1.weight"].float())
    assert f"which are {'also' if folder.name in FROM_IMAGENET else 'NOT'} ImageNet's" in caplog.text
