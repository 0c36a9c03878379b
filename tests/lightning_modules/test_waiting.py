"""No training step waits for its device: network, loss, backward, clipping, optimiser, schedule and callbacks."""

import pytest
import torch

from tests.lightning_modules.experiment import configured, fit
from tests.lightning_modules.waiting import WATCHED, ForbiddenWaits, Waits, WatchedStep

STEPS = [
    "trainer.batch_size=1",
    "trainer.max_epochs=1",
    f"trainer.limit_train_batches={WATCHED + 2}",
    "trainer.log_every_n_steps=99",
]
KINDS = {
    "average of the weights": [],
    "adaptive scale fusion": ["models.decoder.adaptive_scale_fusion=true"],
    "unet, bfloat16": ["models.decoder.name=unet", "trainer.precision=bf16-mixed"],
    "accumulated gradients": ["trainer.accumulate_grad_batches=2"],
}


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_no_step_reads_a_value_from_the_device(settings, data, tmp_path):
    watch = WatchedStep()
    fit(configured(data, *STEPS, *settings), tmp_path, watch)
    assert watch.waits.operations > 500
    assert watch.waits.seen == []


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (lambda loss: loss * loss.item(), "aten::_local_scalar_dense"),
        (lambda loss: loss if loss > 0 else -loss, "aten::_local_scalar_dense"),
        (lambda loss: loss * torch.tensor(2.0), "aten::lift_fresh"),
        (lambda loss: loss.view(1)[(loss > 0).view(1)].sum(), "aten::index"),
        (lambda loss: loss * (loss > 0).nonzero().numel(), "aten::nonzero"),
    ],
    ids=["item", "if", "constant", "mask", "nonzero"],
)
def test_a_step_that_waits_is_found(spoil, name):
    loss = torch.ones(())
    with Waits() as waits:
        spoil(loss)
    assert waits.seen[0] == name


@pytest.mark.gpu
@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_no_step_waits_for_the_gpu(settings, data, tmp_path):
    fit(configured(data, *STEPS, *settings, "trainer.accelerator=gpu"), tmp_path, ForbiddenWaits())
