"""A part takes its settings from its group by the names of its arguments; none is left unread."""

import inspect

import pytest
from hydra.utils import get_object
from omegaconf import OmegaConf

from runners.wiring.checkpoints import compose_defaults
from runners.wiring.parts import build_part

READ_ELSEWHERE = {"frozen_epochs", "unfreeze_every"}  # by the freezing callback


@pytest.mark.parametrize(
    ("group", "targets"),
    [
        ("models.encoder", ["detector.encoder"]),
        ("models.decoder", ["detector.decoder"]),
        ("models.head", ["detector.head", "postprocess"]),
        ("models.loss", ["loss"]),
        ("models.optimizer", ["optimizer"]),
        ("models.schedule", ["schedule"]),
        ("datasets.train", ["split", "random_transform", "pixels"]),
        ("datasets.val", ["split", "letterbox"]),
        ("datasets.pseudo", ["pseudo"]),
    ],
)
def test_every_setting_of_a_group_is_an_argument_of_what_is_built_from_it(group, targets):
    config = compose_defaults("base")
    nodes = [OmegaConf.select(config.build, target) for target in targets]
    names = {name for node in nodes for name in inspect.signature(get_object(node["_target_"])).parameters}
    assert set(OmegaConf.select(config, group)) - READ_ELSEWHERE <= names


def test_what_stands_beside_a_target_wins_over_the_settings_and_what_is_given_over_both():
    own = {"_target_": "fractions.Fraction", "numerator": 3}
    settings = {"numerator": 1, "denominator": 4, "unread": 5}
    assert str(build_part(own, settings)) == "3/4"
    assert str(build_part(own, settings, numerator=1)) == "1/4"
