"""The whole loss: weights, batches without text, extreme logits, half precision, and no wait for the device."""

import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

from ocr.label_maps.target_maps import TargetMaps
from ocr.losses import DBLoss
from ocr.models.head import DBMaps
from tests.losses.test_parts import row


def maps_of(logits, threshold_logits, k=50.0):
    """What the head makes of two logit maps."""
    probability, threshold = logits.float().sigmoid(), threshold_logits.float().sigmoid()
    return DBMaps(logits.float(), probability, threshold, torch.sigmoid(k * (probability - threshold)))


def targets_of(probability, mask=1.0, threshold=0.5, threshold_mask=1.0):
    return TargetMaps(
        probability,
        torch.full_like(probability, mask),
        torch.full_like(probability, threshold),
        torch.full_like(probability, threshold_mask),
    )


def half_text(height=8, width=8):
    target = torch.zeros(1, 1, height, width)
    target[..., : width // 2] = 1.0
    return target


def test_the_loss_is_5_cross_entropy_10_l1_and_1_dice():
    # P = T = 0.5 everywhere, so B = 0.5: cross entropy ln 2, L1 |0.5 - 0.7| = 0.2, dice 1 - 2 * 16 / (32 + 32) = 0.5
    target = half_text()
    parts = DBLoss()(maps_of(torch.zeros_like(target), torch.zeros_like(target)), targets_of(target, threshold=0.7))
    assert parts.probability.item() == pytest.approx(0.693147, abs=1e-5)
    assert parts.threshold.item() == pytest.approx(0.2, abs=1e-6)
    assert parts.approximate_binary.item() == pytest.approx(0.5, abs=1e-5)
    assert parts.total.item() == pytest.approx(5 * 0.693147 + 10 * 0.2 + 1 * 0.5, abs=1e-4)


# Four pixels: the first counts for the probability map alone, the second for both, the third for the threshold map
# alone, the last for none. Each value differs from its neighbours', so that no mask can stand for another one.
TWO_MASKS = TargetMaps(
    probability=row(1, 0, 0, 1),
    probability_mask=row(1, 1, 0, 0),
    threshold=row(0.7, 0.3, 0.4, 0.6),
    threshold_mask=row(0, 1, 1, 0),
)


def four_pixels():
    """Maps of four pixels, each a leaf of its own, so that the gradient of each part is seen."""
    logits, threshold, binary = row(0, 1, 2, -2), row(0.1, 0.5, 0.9, 0.2), row(0.8, 0.4, 0.6, 0.1)
    return DBMaps(
        logits.requires_grad_(), logits.detach().sigmoid(), threshold.requires_grad_(), binary.requires_grad_()
    )


def test_each_part_counts_and_learns_inside_its_own_mask_only():
    maps = four_pixels()
    parts = DBLoss()(maps, TWO_MASKS)
    # Cross entropy of the first two: (ln 2 + ln (1 + e)) / 2 = (0.693147 + 1.313262) / 2. L1 of the middle two:
    # (|0.5 - 0.3| + |0.9 - 0.4|) / 2. Dice of the first two, the first is text: 1 - 2 * 0.8 / (0.8 + 0.4 + 1).
    found = parts.probability.item(), parts.threshold.item(), parts.approximate_binary.item()
    assert found == pytest.approx((1.003204, 0.35, 0.272727), abs=1e-5)
    assert parts.total.item() == pytest.approx(5 * 1.003204 + 10 * 0.35 + 0.272727, abs=1e-4)
    parts.total.backward()
    # 5 (sigmoid(z) - target) / 2, 10 sign(T - target) / 2; of 1 - 2 I / U with I = 0.8 and U = 2.2: -2 (U - I) / U²
    # where there is text, 2 I / U² where there is none.
    assert maps.probability_logits.grad.flatten().tolist() == pytest.approx([-1.25, 1.827646, 0, 0], abs=1e-5)
    assert maps.threshold.grad.flatten().tolist() == pytest.approx([0, 5, 5, 0], abs=1e-5)
    assert maps.approximate_binary.grad.flatten().tolist() == pytest.approx([-0.578512, 0.330579, 0, 0], abs=1e-5)


def test_each_weight_and_the_ratio_of_negatives_can_be_set():
    target = half_text()
    loss = DBLoss(probability_weight=0.0, threshold_weight=3.0, approximate_binary_weight=2.0, negative_ratio=7.0)
    parts = loss(maps_of(torch.zeros_like(target), torch.zeros_like(target)), targets_of(target, threshold=0.7))
    assert parts.total.item() == pytest.approx(3 * 0.2 + 2 * 0.5, abs=1e-5)
    assert (loss.balanced_bce.negative_ratio, DBLoss().balanced_bce.negative_ratio) == (7.0, 3.0)


def test_perfect_maps_cost_nothing():
    target = half_text()
    maps = maps_of(200 * target - 100, torch.zeros_like(target))
    assert DBLoss()(maps, targets_of(target)).total.item() == pytest.approx(0, abs=1e-4)


def test_the_loss_falls_as_the_maps_come_closer():
    target = half_text()
    signs = 2 * target - 1
    losses = [
        DBLoss()(maps_of(strength * signs, torch.zeros_like(signs)), targets_of(target)).total.item()
        for strength in (-4.0, -1.0, 0.0, 1.0, 4.0)
    ]
    assert losses == sorted(losses, reverse=True)


def test_a_batch_with_no_text_is_finite_and_lowers_the_probability_everywhere():
    logits = torch.zeros(2, 1, 8, 8, requires_grad=True)
    targets = targets_of(torch.zeros(2, 1, 8, 8), threshold_mask=0.0)
    parts = DBLoss()(maps_of(logits, torch.zeros(2, 1, 8, 8)), targets)
    parts.total.backward()
    assert parts.total.isfinite()
    assert parts.threshold.item() == 0
    assert (logits.grad > 0).all()


def test_a_batch_of_ignored_words_alone_learns_nothing():
    logits = torch.randn(1, 1, 8, 8, requires_grad=True)
    threshold_logits = torch.randn(1, 1, 8, 8, requires_grad=True)
    parts = DBLoss()(maps_of(logits, threshold_logits), targets_of(half_text(), mask=0.0, threshold_mask=0.0))
    parts.total.backward()
    assert parts.total.isfinite()
    assert logits.grad.eq(0).all()
    assert threshold_logits.grad.eq(0).all()


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("sign", [1, -1], ids=["right", "wrong"])
def test_extreme_logits_stay_finite_in_half_precision(half, sign):
    target = half_text()
    logits = (sign * 6e4 * (2 * target - 1)).to(half).requires_grad_()
    threshold_logits = (-logits).detach().requires_grad_()
    with torch.autocast("cpu", dtype=half):
        parts = DBLoss()(maps_of(logits, threshold_logits), targets_of(target))
    parts.total.backward()
    assert all(part.isfinite() and part.dtype == torch.float32 for part in parts)
    assert logits.grad.isfinite().all()
    assert threshold_logits.grad.isfinite().all()


def test_half_precision_gives_the_loss_of_full_precision():
    torch.manual_seed(0)
    target = half_text(32, 32)
    maps = maps_of(torch.randn(1, 1, 32, 32), torch.randn(1, 1, 32, 32))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = DBLoss()(maps, targets_of(target))
    torch.testing.assert_close(found, DBLoss()(maps, targets_of(target)))


def test_soft_targets_are_learnt_as_they_are_by_p_and_as_text_from_a_half_on_by_b():
    """P meets its soft target, B is text where that is at least 0.5: nothing is left to learn but P's threshold."""
    target = torch.where(half_text() == 1, 0.5, 0.1)
    threshold = torch.full_like(target, 0.3)
    maps = DBMaps(target.logit(), target, threshold, torch.sigmoid(1e4 * (target - threshold)))
    parts = DBLoss()(maps, targets_of(target))
    assert parts.probability.item() == pytest.approx(0, abs=1e-6)
    assert parts.approximate_binary.item() == pytest.approx(0, abs=1e-6)


def test_no_value_is_asked_from_the_device():
    """Fake tensors have no values: what would wait for the device (`.item()`, an `if` on a tensor) raises."""
    with FakeTensorMode():
        logits = torch.zeros(1, 1, 8, 8, requires_grad=True)
        DBLoss()(maps_of(logits, logits), targets_of(half_text())).total.backward()
        with pytest.raises(DataDependentOutputException):
            logits.sum().item()


@pytest.mark.gpu
def test_no_step_waits_for_the_gpu():
    logits = torch.zeros(1, 1, 8, 8, device="cuda", requires_grad=True)
    targets = targets_of(half_text().cuda())
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        DBLoss()(maps_of(logits, logits), targets).total.backward()
    finally:
        torch.cuda.set_sync_debug_mode("default")
