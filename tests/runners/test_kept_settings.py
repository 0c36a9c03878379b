"""Settings that a checkpoint keeps: of this project's shape, without calls; weights that are numbers."""

import pytest
import torch
from omegaconf import OmegaConf

from runners.cli.entry import entry_point
from runners.cli.settings import REBUILT, plain
from runners.wiring.checkpoints import (
    CheckpointError,
    Overrides,
    compose_defaults,
    merge_settings,
)
from runners.wiring.kept_settings import find_resolvers
from runners.wiring.trained import build_trained, check_weights


def own_settings(wiring="base"):
    """What a checkpoint of today keeps."""
    return {name: value for name, value in plain(compose_defaults(wiring)).items() if name not in REBUILT}


def merge(settings, wiring="base"):
    return merge_settings({"config": settings}, "x.ckpt", wiring, Overrides())


@pytest.mark.parametrize("wiring", ["base", "classification"])
def test_our_own_settings_fit(wiring):
    assert merge(own_settings(wiring), wiring).models["channels_last"] is True


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("datasets.img_size", [640, 640]),
        ("datasets.test.limit", 5),
        ("trainer.devices", 2),
        ("trainer.devices", [0, 1]),
        ("trainer.precision", 16),
        ("trainer.limit_train_batches", 3),
        ("trainer.gradient_clip_val", None),
        ("trainer.deterministic", "warn"),
        ("models.encoder.frozen_epochs", None),
        ("models.schedule.milestones", [0.5]),
        ("models.head.k", 50),
        ("checkpoint.also", ["val_iou_hmean"]),
    ],
)
def test_values_that_training_takes_fit(where, value):
    settings = OmegaConf.create(own_settings())
    OmegaConf.update(settings, where, value)
    assert OmegaConf.select(OmegaConf.create(merge(plain(settings)).written), where) == value


@pytest.mark.parametrize(
    ("where", "value", "fault"),
    [
        ("models", [], "settings do not fit"),
        ("models.head", "dbhead", "settings do not fit|expected models.head to be a group of settings, got 'dbhead'"),
        ("models.head.thresh", "abc", "expected models.head.thresh to be like 0.3, got 'abc'"),
        ("models.head.thresh", {"a": 1}, "models.head.thresh|settings do not fit"),
        ("models.head.k", float("nan"), "expected models.head.k to be like 50.0, got nan"),
        ("models.channels_last", "yes", "expected models.channels_last to be like True, got 'yes'"),
        ("datasets.train.scale", ["a", 1.5], r"expected datasets.train.scale to be like \[0.7, 1.5\]"),
        ("datasets.root", ["a"], "expected datasets.root to be like 'data/sample', got"),
        ("datasets.test.limit", {"a": 1}, "datasets.test.limit"),
    ],
)
def test_a_value_of_another_kind_is_named(where, value, fault):
    settings = OmegaConf.to_container(OmegaConf.create(own_settings()))
    *groups, last = where.split(".")
    parent = settings
    for group in groups:
        parent = parent[group]
    parent[last] = value
    with pytest.raises(CheckpointError, match=f"x\\.ckpt: .*({fault})"):
        merge(settings)


@pytest.mark.parametrize("config", [None, 3, "text", ["a"], [["datasets", 1]], {"datasets": None, "models": 3}])
def test_settings_of_another_shape_are_refused(config):
    with pytest.raises(CheckpointError, match=r"x\.ckpt: its settings do not fit this project"):
        merge(config)


@pytest.mark.parametrize(
    "value", ["${oc.env:HOME}", "a ${oc.env:HOME} b", "${oc.decode:${oc.env:X}}", "${hydra:runtime.cwd}", "${now:%Y}"]
)
def test_a_setting_that_would_call_something_is_refused_unresolved(value, monkeypatch):
    monkeypatch.setenv("HOME", "secret")
    settings = own_settings()
    settings["datasets"]["root"] = value
    with pytest.raises(CheckpointError, match=r"expected plain values in its settings, got datasets\.root=") as caught:
        merge(settings)
    assert "secret" not in str(caught.value)


def test_a_training_keeps_the_value_of_a_call_so_that_its_checkpoint_loads(monkeypatch):
    monkeypatch.setenv("DATA", "/data/receipts")
    monkeypatch.setenv("TOKEN", "secret")
    config = OmegaConf.merge(
        plain(compose_defaults("base")),
        {"datasets": {"root": "${oc.env:DATA}", "train": {"also": ["${oc.env:DATA}/more"]}}},
        {"logger": {"wandb": {"key": "${oc.env:TOKEN}"}}},
    )

    @entry_point("train")
    def train(written):
        return written

    written = train(config)
    assert (written["datasets"]["root"], written["datasets"]["train"]["also"]) == (
        "/data/receipts",
        ["/data/receipts/more"],
    )
    assert written["datasets"]["test"]["img_size"] == "${datasets.img_size}"  # references are kept
    assert written["logger"]["wandb"]["key"] == "${oc.env:TOKEN}"  # a secret is not, and no checkpoint needs it
    assert merge(written).datasets["root"] == "/data/receipts"


def test_calls_are_found_in_lists_and_references_are_none():
    assert list(find_resolvers({"a": [1, {"b": "${oc.env:X}"}]})) == ["a[1].b=${oc.env:X}"]
    assert list(find_resolvers({"a": "${datasets.img_size}", "b": "time: 12:30", "c": {"d": None}})) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(value):
    check_weights({"a": torch.ones(3), "steps": torch.tensor(3)}, "x.ckpt")
    with pytest.raises(CheckpointError, match=r"x\.ckpt: expected finite weights, got NaN or infinity in b"):
        check_weights({"a": torch.ones(3), "b": torch.tensor([1.0, value])}, "x.ckpt")


@pytest.mark.parametrize("state", [[], None, {"a": 3}, "text"])
def test_what_is_no_state_dict_is_refused(state):
    with pytest.raises(CheckpointError, match=r"x\.ckpt: expected weights by name in its state_dict"):
        check_weights(state, "x.ckpt")


def test_a_network_takes_the_weights_of_a_checkpoint_whose_names_have_a_prefix():
    trained = torch.nn.Linear(2, 1)
    state = {f"detector.{name}": value for name, value in trained.state_dict().items()}
    network = build_trained("x.ckpt", state, lambda: torch.nn.Linear(2, 1), prefix="detector.")
    assert torch.equal(network.weight, trained.weight)
    assert not network.training
    with pytest.raises(CheckpointError, match=r"x\.ckpt: its weights do not fit its configuration"):
        build_trained("x.ckpt", state, lambda: torch.nn.Linear(3, 1), prefix="detector.")


def test_settings_that_build_no_network_are_refused_by_the_name_of_the_checkpoint():
    with pytest.raises(CheckpointError, match=r"x\.ckpt: its settings do not build a network: 'size'"):
        build_trained("x.ckpt", {}, lambda: {}["size"])
