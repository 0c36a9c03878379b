"""`trainer.accumulate_grad_batches`: batches of four, two a step, train as batches of eight do."""

import pytest
import pytorch_lightning as pl
import torch

from runners.wiring.training import build_module
from tests.lightning_modules.experiment import configured, fit, two_words, write_split


class RecordedGradient(pl.Callback):
    """Keeps the gradient of each step; batch normalisation takes its running statistics, not the batch's."""

    def __init__(self):
        self.gradients = []

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        pl_module.eval()

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):
        gradients = [weight.grad.flatten() for weight in pl_module.parameters() if weight.grad is not None]
        self.gradients.append(torch.cat(gradients).clone())


@pytest.fixture
def eight_images(tmp_path):
    root = tmp_path / "data"
    write_split(root, "train", {f"train_{index}.png": two_words(index % 5) for index in range(8)})
    write_split(root, "val", {"val_0.png": two_words(5)})
    return root


def gradient_of_one_step(root, folder, batch_size, batches):
    settings = (f"trainer.batch_size={batch_size}", f"trainer.accumulate_grad_batches={batches}")
    config = configured(root, *settings, "trainer.max_epochs=1")
    pl.seed_everything(1)
    recorded = RecordedGradient()
    trained = fit(config, folder, recorded, module=build_module(config))
    assert trained.trainer.global_step == len(recorded.gradients) == 1
    return recorded.gradients[0]


def test_two_batches_of_four_give_the_gradient_of_one_batch_of_eight(eight_images, tmp_path):
    """Up to 3 %: each loss is a mean over the text of its own batch, and batches have more or less of it."""
    whole = gradient_of_one_step(eight_images, tmp_path / "whole", 8, 1)
    accumulated = gradient_of_one_step(eight_images, tmp_path / "accumulated", 4, 2)
    assert float((accumulated - whole).norm() / whole.norm()) < 0.03
