"""The average of the weights."""

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from baseline_code.training.callbacks import ExponentialMovingAverage
from baseline_code.training.callbacks.ema import move_towards


@pytest.mark.parametrize(
    ("updates", "decay"), [(0, 0.0), (1, 2 / 11), (10, 11 / 20), (90, 91 / 100), (8990, 0.999), (10**6, 0.999)]
)
def test_the_decay_warms_up_to_its_value_after_a_first_copy(updates, decay):
    assert ExponentialMovingAverage(decay=0.999).decay_after(updates) == pytest.approx(decay, abs=1e-6)
    assert ExponentialMovingAverage(decay=0.5).decay_after(updates) <= 0.5


def test_each_weight_moves_from_the_average_towards_the_current_one():
    averaged, current = [torch.tensor([2.0, -1.0]), torch.zeros(1)], [torch.tensor([3.0, 1.0]), torch.ones(1)]
    move_towards(averaged, current, fraction=0.1)
    assert averaged[0].tolist() == pytest.approx([2.1, -0.8])  # 2 + 0.1 * 1, -1 + 0.1 * 2
    assert averaged[1].tolist() == pytest.approx([0.1])
    assert current[0].tolist() == [3.0, 1.0]
    counters = [torch.zeros(1), torch.tensor(3)]
    move_towards(counters, [torch.ones(1), torch.tensor(7)], fraction=0.1)
    assert (counters[1].item(), counters[1].dtype) == (7, torch.int64)  # copied


@pytest.mark.parametrize("decay", [1.0, -0.1, 2.0])
def test_a_decay_out_of_range_is_refused(decay):
    with pytest.raises(ValueError, match=r"expected ema\.decay in \[0, 1\), got"):
        ExponentialMovingAverage(decay)


class Recorder(ExponentialMovingAverage):
    """Writes down one weight after each step, and which weight each validation sees."""

    def __init__(self):
        super().__init__(decay=0.6)
        self.trained, self.averaged, self.validated = [], [], []

    def on_train_batch_end(self, trainer, pl_module, *rest):
        super().on_train_batch_end(trainer, pl_module, *rest)
        self.trained.append(pl_module.weight.item())
        self.averaged.append(self._average_model.module.weight.item())

    def on_validation_epoch_start(self, trainer, pl_module):
        super().on_validation_epoch_start(trainer, pl_module)
        self.validated.append(pl_module.weight.item())


class Walk(pl.LightningModule):
    """One weight that falls by 1 at each step."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(0.0))

    def training_step(self, batch, batch_idx):
        return self.weight

    def validation_step(self, batch, batch_idx):
        pass

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=1.0)


def test_validation_sees_the_average_of_the_weights_that_training_went_through():
    recorder = Recorder()
    silent = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    trainer = pl.Trainer(max_epochs=2, accelerator="cpu", callbacks=[recorder], num_sanity_val_steps=0, **silent)
    trainer.fit(Walk(), DataLoader([0, 0]), DataLoader([0]))
    assert recorder.trained == [-1, -2, -3, -4]
    # The first step is copied; then decays 2/11, 3/12 and 4/13, as n = 1, 2, 3 updates came before.
    second = 2 / 11 * -1 + 9 / 11 * -2
    third = 1 / 4 * second + 3 / 4 * -3
    fourth = 4 / 13 * third + 9 / 13 * -4
    assert recorder.averaged == pytest.approx([-1, second, third, fourth])
    assert recorder.validated == pytest.approx([second, fourth])
    assert trainer.lightning_module.weight.item() == pytest.approx(fourth)
