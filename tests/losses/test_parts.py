"""The parts of the loss, each on a few pixels that are worked out by hand."""

import pytest
import torch
from torch import nn

from ocr.losses import BalancedBCELoss, DiceLoss, MaskedL1Loss
from ocr.losses.balanced_bce import binary_entropy, weigh_largest

# Cross entropy of a logit z: softplus(-z) for a positive, softplus(z) for a negative.
SOFTPLUS = {-2: 0.126928, -1: 0.313262, 0: 0.693147, 1: 1.313262, 2: 2.126928}


def row(*values):
    """One image of one row."""
    return torch.tensor(values, dtype=torch.float32).view(1, 1, 1, -1)


def ones(count):
    return torch.ones(1, 1, 1, count)


# ---- balanced cross entropy


@pytest.mark.parametrize(
    ("settings", "logits", "target", "counted"),
    [
        ({}, [0, 2, -2, 1, -1, 0], [1, 0, 0, 0, 0, 0], [0, 2, 1, 0]),  # -1 and -2 are the easy ones
        ({"negative_ratio": 1.0}, [0, 2, -2, 1, -1, 0], [1, 0, 0, 0, 0, 0], [0, 2]),
        ({}, [1, 2, -1], [1, 1, 0], [-1, -2, -1]),  # there is one negative only
        ({}, [2, -2], [1, 1], [-2, 2]),  # positives count all, however easy
        ({"min_negatives": 1}, [1], [0], [1]),
    ],
)
def test_three_negatives_count_for_each_positive_the_hardest_ones(settings, logits, target, counted):
    loss = BalancedBCELoss(**settings)(row(*logits), row(*target), ones(len(logits)))
    assert loss.item() == pytest.approx(sum(SOFTPLUS[value] for value in counted) / len(counted), abs=1e-5)


def test_the_hardest_negatives_are_sought_in_the_whole_batch():
    logits = torch.cat([row(0, -2, -2, -2), row(2, 1, 0, -1)])
    target = torch.cat([row(1, 0, 0, 0), row(0, 0, 0, 0)])
    loss = BalancedBCELoss()(logits, target, torch.ones_like(target))
    assert loss.item() == pytest.approx((SOFTPLUS[0] + SOFTPLUS[2] + SOFTPLUS[1] + SOFTPLUS[0]) / 4, abs=1e-5)


def test_ignored_pixels_neither_count_nor_learn():
    logits = row(0, 2, -2, 1, -1, 0).requires_grad_()
    loss = BalancedBCELoss()(logits, row(1, 0, 0, 0, 0, 1), row(1, 0, 1, 1, 1, 0))
    loss.backward()
    assert loss.item() == pytest.approx((SOFTPLUS[0] + SOFTPLUS[1] + SOFTPLUS[-1] + SOFTPLUS[-2]) / 4, abs=1e-5)
    assert logits.grad[0, 0, 0, [1, 5]].tolist() == [0.0, 0.0]
    assert logits.grad[0, 0, 0, [0, 2, 3, 4]].ne(0).all()


def test_a_batch_without_text_learns_from_its_hardest_negatives():
    logits = row(2, -1, 1, -2).requires_grad_()
    loss = BalancedBCELoss(min_negatives=2)(logits, torch.zeros(1, 1, 1, 4), ones(4))
    loss.backward()
    assert loss.item() == pytest.approx((SOFTPLUS[2] + SOFTPLUS[1]) / 2, abs=1e-5)
    # d softplus(z) / dz = sigmoid(z), halved by the mean: going against it lowers the probability
    assert logits.grad.flatten().tolist() == pytest.approx([0.880797 / 2, 0, 0.731059 / 2, 0], abs=1e-5)


def test_without_any_positive_a_thousand_negatives_learn():
    logits = torch.arange(1500.0).div(1500).view(1, 1, 30, 50).requires_grad_()
    BalancedBCELoss()(logits, torch.zeros_like(logits), torch.ones_like(logits)).backward()
    assert logits.grad.count_nonzero().item() == 1000


def test_a_batch_where_nothing_counts_costs_nothing():
    logits = row(2, -1).requires_grad_()
    loss = BalancedBCELoss()(logits, row(1, 0), torch.zeros(1, 1, 1, 2))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad.eq(0).all()


def test_a_soft_target_costs_the_cross_entropy_less_its_own_entropy():
    # Targets 0.8 and 0.2 at logit 0: ln 2 - H(0.8) each; H = -0.8 ln 0.8 - 0.2 ln 0.2 = 0.500402.
    loss = BalancedBCELoss()(row(0, 0), row(0.8, 0.2), ones(2))
    assert loss.item() == pytest.approx(0.693147 - 0.500402, abs=1e-5)


def test_a_soft_target_pulls_towards_itself_from_both_sides_and_nowhere_where_it_is_met():
    target = row(0.9, 0.6, 0.1, 0.01)
    logits = target.logit().requires_grad_()
    loss = BalancedBCELoss()(logits, target, ones(4))
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert logits.grad.abs().max() < 1e-6
    logits = row(0.4, 0.95).logit().requires_grad_()
    BalancedBCELoss()(logits, row(0.7, 0.7), ones(2)).backward()
    # d loss / d logit = p - target, halved by the mean
    assert logits.grad.flatten().tolist() == pytest.approx([(0.4 - 0.7) / 2, (0.95 - 0.7) / 2], abs=1e-5)


def test_a_negative_that_meets_its_soft_target_is_not_the_hardest():
    """The first negative has the larger cross entropy, 0.325, but nothing to learn; the second, 0.201, has."""
    target = row(1, 0.1, 0.0)
    logits = row(0, torch.tensor(0.1).logit(), torch.tensor(0.182).logit())
    loss = BalancedBCELoss(negative_ratio=1.0)(logits, target, ones(3))
    assert loss.item() == pytest.approx((SOFTPLUS[0] + 0.200893) / 2, abs=1e-5)


def test_from_a_half_on_a_soft_target_is_a_positive():
    # Only positives: with a ratio of 1, two negatives would leave the sum, but there is none.
    target, logits = row(0.5, 0.51, 0.49), row(2, 2, 2)
    counted = BalancedBCELoss(negative_ratio=0.4)(logits, target, ones(3))  # 0.8 of a negative: none
    each = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none").flatten()
    entropy = torch.distributions.Bernoulli(target).entropy().flatten()
    assert counted.item() == pytest.approx((each - entropy)[:2].mean().item(), abs=1e-5)


@pytest.mark.parametrize("ratio", [3.0, 1.0])
def test_the_formula_holds_for_a_large_random_batch_to_the_bit_as_without_soft_targets(ratio):
    torch.manual_seed(0)
    logits, target = 4 * torch.randn(2, 1, 40, 40), (torch.rand(2, 1, 40, 40) < 0.1).float()
    mask = (torch.rand(2, 1, 40, 40) < 0.8).float()
    each = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    positive = target * mask
    negative = mask - positive
    count = torch.minimum(positive.sum() * ratio, negative.sum()).floor()
    hardest = weigh_largest(each.masked_fill(negative == 0, -1), count)
    expected = (each * (positive + hardest)).sum() / (positive.sum() + count)
    loss = BalancedBCELoss(ratio)(logits, target, mask)
    assert torch.equal(loss, expected)
    sums = each[positive == 1].sum() + each[negative == 1].topk(int(count)).values.sum()
    torch.testing.assert_close(loss, sums / (positive.sum() + count))


@pytest.mark.parametrize("settings", [{"negative_ratio": 0.0}, {"negative_ratio": -3.0}, {"min_negatives": 0}])
def test_a_ratio_or_number_of_negatives_out_of_range_is_refused(settings):
    with pytest.raises(ValueError, match=r"expected negative_ratio > 0 and min_negatives >= 1, got"):
        BalancedBCELoss(**settings)


def test_the_entropy_of_a_target_is_its_least_cross_entropy():
    # H(0.5) = ln 2, H(0.2) = H(0.8) = 0.500402, and exactly 0 at the ends
    assert binary_entropy(row(0.5, 0.2, 0.8)).flatten().tolist() == pytest.approx([0.693147, 0.500402, 0.500402])
    assert binary_entropy(row(0, 1)).flatten().tolist() == [0.0, 0.0]


# ---- masked L1


@pytest.mark.parametrize(
    ("mask", "expected", "gradient"),
    [
        ([1, 1, 1, 0], (0.2 + 0.5 + 0.1) / 3, [-1 / 3, 1 / 3, 1 / 3, 0]),
        ([0, 1, 0, 0], 0.5, [0, 1, 0, 0]),
        ([0, 0, 0, 0], 0, [0, 0, 0, 0]),
    ],
)
def test_l1_is_the_mean_difference_inside_its_mask_and_learns_nothing_outside(mask, expected, gradient):
    prediction = row(0.1, 0.9, 0.5, 0.0).requires_grad_()
    loss = MaskedL1Loss()(prediction, row(0.3, 0.4, 0.4, 1.0), row(*mask))
    loss.backward()
    assert loss.item() == pytest.approx(expected, abs=1e-6)
    assert prediction.grad.flatten().tolist() == pytest.approx(gradient, abs=1e-6)


# ---- dice


@pytest.mark.parametrize(
    ("prediction", "expected"),
    [
        ([1, 1, 0, 0], 0.0),  # perfect
        ([0, 0, 1, 1], 1.0),  # apart
        ([1, 1, 1, 1], 1 / 3),  # 1 - 2 * 2 / (4 + 2)
        ([1, 0, 0, 0], 1 / 3),  # 1 - 2 * 1 / (1 + 2)
        ([0.5, 0.5, 0.5, 0.5], 0.5),  # 1 - 2 * 1 / (2 + 2)
    ],
)
def test_dice_is_one_minus_twice_the_overlap_over_the_sum(prediction, expected):
    assert DiceLoss()(row(*prediction), row(1, 1, 0, 0), ones(4)).item() == pytest.approx(expected, abs=1e-5)
    assert DiceLoss(eps=1.0)(row(1), row(1), ones(1)).item() == pytest.approx(1 - 2 / (1 + 1 + 1))


def test_dice_sees_only_what_its_mask_shows():
    prediction = row(1, 0, 1, 1).requires_grad_()
    loss = DiceLoss()(prediction, row(1, 1, 0, 0), row(1, 0, 1, 0))
    loss.backward()
    assert loss.item() == pytest.approx(1 - 2 * 1 / (2 + 1), abs=1e-5)
    assert prediction.grad[0, 0, 0, [1, 3]].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("mask", [0.0, 1.0], ids=["nothing counts", "no text"])
def test_dice_without_text_is_one_and_leaves_the_learning_to_the_cross_entropy(mask):
    prediction = row(0.5, 0.25).requires_grad_()
    loss = DiceLoss()(prediction, torch.zeros(1, 1, 1, 2), mask * ones(2))
    loss.backward()
    assert loss.item() == 1
    assert prediction.grad.eq(0).all()


# ---- the largest values


def test_the_largest_values_weigh_one_whatever_their_order():
    values = torch.tensor([[0.5, 3.0, 0.25], [2.0, 0.0, 1e-30]])
    assert weigh_largest(values, torch.tensor(3.0)).tolist() == [[1, 1, 0], [1, 0, 0]]


def test_equal_values_share_what_is_left():
    """Of three that are wanted, the largest is one; four equal ones share the other two."""
    weights = weigh_largest(torch.tensor([1.0, 5.0, 1.0, 0.5, 1.0, 1.0]), torch.tensor(3.0))
    assert weights.tolist() == [0.5, 1.0, 0.5, 0.0, 0.5, 0.5]


@pytest.mark.parametrize(("count", "expected"), [(0.0, [0, 0, 0]), (2.0, [1, 1, 0])], ids=["none", "all there are"])
def test_negative_values_are_never_taken(count, expected):
    assert weigh_largest(torch.tensor([2.0, 0.0, -1.0]), torch.tensor(count)).tolist() == expected


def test_the_largest_values_are_those_that_a_sort_finds():
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(500, generator=generator).exp() * 10.0 ** torch.randint(-30, 9, (500,), generator=generator)
    for count in (1, 37, 499, 500):
        chosen = weigh_largest(values, torch.tensor(float(count))) == 1
        assert chosen.sum() == count
        assert set(values[chosen].tolist()) == set(values.sort(descending=True).values[:count].tolist())
