"""Optimisers and learning-rate schedules, step by step."""

import itertools
import math
from collections import OrderedDict

import pytest
import torch
from torch import nn

from baseline_code.training.optimization import OptimizerFactory, ScheduleFactory, learning_rates

SCHEDULES = ["cosine", "poly", "step", "one_cycle", "constant"]


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 1, 1, bias=False))


def curve(steps=100, **settings):
    schedule = ScheduleFactory(**settings)
    return [schedule.factor(step, steps) for step in range(steps)]


# ---- schedules


def test_warm_up_rises_linearly_from_above_nothing_to_the_peak():
    rates = curve(warmup=0.1)
    assert rates[:11] == pytest.approx([(step + 1) / 11 for step in range(11)])  # 1/11, 2/11, … 11/11


def test_one_cycle_rises_by_a_cosine():
    rates = curve(name="one_cycle", warmup=0.1)
    assert rates[0] == pytest.approx((1 - math.cos(math.pi / 11)) / 2)  # 0.0203
    assert rates[4] == pytest.approx((1 - math.cos(math.pi * 5 / 11)) / 2)  # 0.4288
    assert rates[10] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [  # 101 steps without warm-up: step 50 is half-way, 25 a quarter
        ({"name": "cosine", "final": 0.0}, {0: 1.0, 25: 0.853553, 50: 0.5, 100: 0.0}),
        ({"name": "cosine", "final": 0.01}, {0: 1.0, 50: 0.505, 100: 0.01}),
        ({"name": "one_cycle", "final": 0.01}, {0: 1.0, 50: 0.505, 100: 0.01}),
        ({"name": "poly", "power": 0.9, "final": 0.0}, {0: 1.0, 50: 0.535887, 100: 0.0}),  # 0.5 ** 0.9
        ({"name": "poly", "power": 2.0, "final": 0.2}, {0: 1.0, 50: 0.2 + 0.8 * 0.25, 100: 0.2}),
        ({"name": "constant"}, {0: 1.0, 50: 1.0, 100: 1.0}),
    ],
)
def test_rates_fall_from_the_peak_to_the_final_share(settings, expected):
    rates = curve(101, warmup=0.0, **settings)
    assert {step: rates[step] for step in expected} == pytest.approx(expected, abs=1e-6)


def test_the_step_schedule_falls_by_gamma_at_each_milestone():
    rates = curve(name="step", warmup=0.0, milestones=(0.6, 0.85), gamma=0.1)
    found = [rates[step] for step in (0, 59, 60, 84, 85, 99)]
    assert found == pytest.approx([1.0, 1.0, 0.1, 0.1, 0.01, 0.01])


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("warmup", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("steps", [1, 2, 7, 100])
def test_no_rate_rises_after_the_peak_nor_past_the_end(name, warmup, steps):
    schedule = ScheduleFactory(name=name, warmup=warmup)
    rates = [schedule.factor(step, steps) for step in range(2 * steps + 10)]
    falling = rates[rates.index(max(rates)) :]
    assert all(later <= earlier for earlier, later in itertools.pairwise(falling))
    assert all(0 < rate <= 1 for rate in rates)
    assert max(rates) == 1.0
    assert len(set(rates[steps:])) == 1


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_scheduler_moves_the_rate_of_every_group_at_each_step(name):
    weights = network()
    optimizer = OptimizerFactory(lr=0.2)(weights)
    scheduler = ScheduleFactory(name=name, warmup=0.25)(optimizer, 8)
    found = []
    for _ in range(8):
        found.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    expected = [0.2 * rate for rate in curve(8, name=name, warmup=0.25)]
    assert found == [[pytest.approx(rate)] * 2 for rate in expected]


# ---- optimisers


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("adamw", torch.optim.AdamW, {"betas": (0.8, 0.999)}),
        ("adam", torch.optim.Adam, {"betas": (0.8, 0.999)}),
        ("sgd", torch.optim.SGD, {"momentum": 0.8, "nesterov": True}),
    ],
)
def test_each_optimiser_is_built_and_goes_downhill(name, kind, expected):
    weights = network()
    optimizer = OptimizerFactory(name=name, lr=0.01, momentum=0.8)(weights)
    assert type(optimizer) is kind
    assert {key: optimizer.defaults[key] for key in expected} == expected
    images = torch.ones(2, 3, 6, 6)
    losses = []
    for _ in range(5):
        loss = (weights.eval()(images) - 1).square().mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < losses[0]


def test_plain_gradient_descent_is_sgd_without_momentum():
    weights = network()
    before = weights[0].weight.detach().clone()
    optimizer = OptimizerFactory(name="sgd", lr=0.5, momentum=0.0, weight_decay=0.0)(weights)
    weights[0].weight.grad = torch.ones_like(before)
    optimizer.step()
    torch.testing.assert_close(weights[0].weight.detach(), before - 0.5)


def test_weights_decay_but_biases_and_normalisation_do_not_and_frozen_ones_are_left_out():
    weights = network()
    optimizer = OptimizerFactory(lr=0.5, weight_decay=0.3)(weights)
    decayed, plain = optimizer.param_groups
    assert [tuple(weight.shape) for weight in decayed["params"]] == [(4, 3, 3, 3), (1, 4, 1, 1)]
    assert [tuple(weight.shape) for weight in plain["params"]] == [(4,), (4,), (4,)]  # bias, scale, shift
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.3, 0.0)
    weights[0].requires_grad_(False)
    frozen = OptimizerFactory(lr=0.25)(weights)
    assert sum(len(group["params"]) for group in frozen.param_groups) == 3
    assert learning_rates([optimizer, frozen]) == [0.5, 0.25]


def detector():
    return nn.Sequential(OrderedDict(encoder=network(), head=nn.Conv2d(1, 2, 1)))


def test_an_encoder_may_learn_at_a_rate_of_its_own():
    """Groups: weights that decay and those that do not, each of the encoder and of the rest."""
    optimizer = OptimizerFactory(lr=0.5, weight_decay=0.3, encoder_lr_factor=0.1)(detector())
    found = [(len(group["params"]), group["lr"], group["weight_decay"]) for group in optimizer.param_groups]
    assert found == [(2, 0.05, 0.3), (1, 0.5, 0.3), (3, 0.05, 0.0), (1, 0.5, 0.0)]
    assert learning_rates([optimizer]) == [0.5, 0.05]
    schedule = ScheduleFactory(name="poly", warmup=0.0, power=1.0, final=0.0)(optimizer, 3)
    optimizer.step()
    schedule.step()
    assert learning_rates([optimizer]) == pytest.approx([0.25, 0.025])


def test_a_factor_of_1_makes_no_groups_of_its_own():
    assert len(OptimizerFactory(encoder_lr_factor=1.0)(detector()).param_groups) == 2


@pytest.mark.parametrize(("before", "after"), [(1.0, 0.1), (0.1, 1.0), (0.1, 0.2)])
def test_each_weight_keeps_its_moments_where_the_factor_changes(before, after):
    weights = detector()
    optimizer = OptimizerFactory(encoder_lr_factor=before)(weights)
    for number, weight in enumerate(weights.parameters()):
        weight.grad = torch.full_like(weight, float(number))
    optimizer.step()
    again = OptimizerFactory(encoder_lr_factor=after)(weights)
    again.load_state_dict(optimizer.state_dict())
    for weight in weights.parameters():
        torch.testing.assert_close(again.state[weight]["exp_avg"], optimizer.state[weight]["exp_avg"])
    assert learning_rates([again]) == list(dict.fromkeys([0.001, 0.001 * after]))


@pytest.mark.parametrize(
    ("factory", "settings", "message"),
    [
        (OptimizerFactory, {"name": "lion"}, r"models\.optimizer\.name .* of \('adamw', 'adam', 'sgd'\), got 'lion'"),
        (OptimizerFactory, {"lr": 0.0}, r"expected models\.optimizer\.lr > 0, got"),
        (OptimizerFactory, {"encoder_lr_factor": 0.0}, r"encoder_lr_factor > 0, got 0\.0; models\.encoder"),
        (ScheduleFactory, {"name": "cosin"}, r"models\.schedule\.name to be one of \('cosine', .*got 'cosin'"),
        *(
            (ScheduleFactory, settings, r"expected warmup in \[0, 1\) and final in \[0, 1\], got")
            for settings in ({"warmup": 1.0}, {"warmup": -0.1}, {"final": 1.5}, {"final": -0.01})
        ),
    ],
)
def test_unknown_names_and_values_out_of_range_are_refused(factory, settings, message):
    with pytest.raises(ValueError, match=message):
        factory(**settings)
