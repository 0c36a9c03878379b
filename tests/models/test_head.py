"""The differentiable-binarization head."""

import math

import pytest
import torch
from torch import nn

from ocr.models.head import DBHead, build_head


class Constant(nn.Module):
    """A branch that answers with the logit of one probability."""

    def __init__(self, probability):
        super().__init__()
        self.logit = math.log(probability / (1 - probability))

    def forward(self, features):
        return torch.full_like(features[:, :1], self.logit)


def head_with(probability, threshold, k=50.0):
    head = DBHead(8, k=k)
    head.probability_branch = Constant(probability)
    head.threshold_branch = Constant(threshold)
    return head


FEATURES = torch.zeros(1, 8, 2, 2)


@pytest.mark.parametrize(
    ("probability", "threshold", "k", "expected"),
    [
        (0.6, 0.5, 50.0, 0.993307),  # sigmoid(50 * 0.1) = sigmoid(5)
        (0.5, 0.6, 50.0, 0.006693),  # sigmoid(-5)
        (0.3, 0.3, 50.0, 0.5),
        (0.6, 0.5, 10.0, 0.731059),  # sigmoid(1)
    ],
)
def test_the_approximate_binary_map_is_the_sigmoid_of_k_times_p_minus_t(probability, threshold, k, expected):
    maps = head_with(probability, threshold, k)(FEATURES)
    assert maps.probability_logits.mean().item() == pytest.approx(math.log(probability / (1 - probability)), abs=1e-6)
    assert maps.probability.mean().item() == pytest.approx(probability, abs=1e-6)
    assert maps.threshold.mean().item() == pytest.approx(threshold, abs=1e-6)
    assert maps.approximate_binary.mean().item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_maps_stay_float32_under_autocast(half):
    head = DBHead(8).eval()
    with torch.autocast("cpu", dtype=half):
        features = nn.functional.conv2d(torch.randn(1, 8, 4, 4), torch.randn(8, 8, 1, 1))
        maps, probability = head(features), head.logits(features).sigmoid()
    assert features.dtype == half
    assert {values.dtype for values in maps} == {torch.float32}
    assert probability.dtype == torch.float32
    # B is computed from the float32 maps: k would magnify a rounding of 1/256 to a fifth of the whole range
    expected = torch.sigmoid(50 * (maps.probability - maps.threshold))
    assert torch.equal(maps.approximate_binary, expected)


@pytest.mark.parametrize("prior", [0.01, 0.2])
def test_the_first_probability_is_about_the_prior(prior):
    torch.manual_seed(0)
    probability = DBHead(16, prior=prior).logits(torch.randn(2, 16, 8, 8)).sigmoid()
    assert probability.mean().item() == pytest.approx(prior, rel=0.2)


def test_each_branch_is_a_3x3_convolution_and_two_stages_of_upsampling():
    head = DBHead(16)
    for branch in (head.probability_branch, head.threshold_branch):
        convolutions = [
            (type(part).__name__, part.kernel_size, part.stride)
            for part in branch.modules()
            if hasattr(part, "kernel_size")
        ]
        assert convolutions == [
            ("Conv2d", (3, 3), (1, 1)),
            ("ConvTranspose2d", (2, 2), (2, 2)),
            ("ConvTranspose2d", (2, 2), (2, 2)),
        ]


@pytest.mark.parametrize("settings", [{"k": 0.0}, {"k": -50.0}, {"prior": 0.0}, {"prior": 1.0}])
def test_a_k_or_prior_out_of_range_and_an_unknown_head_are_refused(settings):
    with pytest.raises(ValueError, match=r"expected k > 0 and prior in \(0, 1\), got"):
        DBHead(16, **settings)
    with pytest.raises(ValueError, match=r"expected models\.head\.name to be dbhead or dbhead_plain, got 'pse'"):
        build_head(16, name="pse", k=50.0)
    assert build_head(16, name="db", k=42.0).k == 42.0
