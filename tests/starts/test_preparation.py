"""Before fine-tuning: a probability map of the same order, a threshold map near a constant."""

import pytest
import torch

from ocr.starts.preparation import prepare_for_finetuning
from tests.starts.detectors import random_detector


@pytest.fixture(params=["ppocrv4_mobile", "ppocrv6_tiny"])
def head(request):
    return random_detector(request.param).head


def steepen(head):
    """Logits as steep as those of a deployed detector."""
    with torch.no_grad():
        for parameter in head.probability_branch[-1].parameters():
            parameter.copy_(10 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(3)))


def test_the_logits_are_scaled_so_that_the_order_of_pixels_stays(head):
    steepen(head)
    features = torch.rand(1, next(head.parameters()).shape[1], 8, 12)
    with torch.no_grad():
        before = head(features).probability_logits
        prepare_for_finetuning(head, logit_scale=0.1)
        after = head(features).probability_logits
    torch.testing.assert_close(after, 0.1 * before, rtol=1e-4, atol=1e-4)
    assert torch.equal(after.flatten().sort(stable=True).values > 0, before.flatten().sort(stable=True).values > 0)


def test_the_threshold_branch_is_the_probability_branch_but_for_its_last_layer(head):
    prepare_for_finetuning(head, logit_scale=0.1, generator=torch.Generator().manual_seed(0))
    probability, threshold = (branch.state_dict() for branch in (head.probability_branch, head.threshold_branch))
    last = f"{len(head.threshold_branch) - 1}."
    same = {name for name in threshold if torch.equal(threshold[name], probability[name])}
    assert same == {name for name in threshold if not name.startswith(last)}
    assert threshold[f"{last}bias"].item() == pytest.approx(-0.6)
    assert threshold[f"{last}weight"].std() < 0.02
    with torch.no_grad():
        values = head(torch.rand(1, next(head.parameters()).shape[1], 8, 12)).threshold
    assert values.mean().item() == pytest.approx(0.354, abs=0.03)  # sigmoid(-0.6)
    assert values.std().item() < 0.03


@pytest.mark.parametrize("logit_scale", [0.0, -1.0])
def test_a_scale_that_would_turn_the_map_round_is_refused(head, logit_scale):
    with pytest.raises(ValueError, match="expected logit_scale > 0, got"):
        prepare_for_finetuning(head, logit_scale=logit_scale)
