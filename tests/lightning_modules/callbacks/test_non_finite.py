"""The guard against a loss that is no number."""

from types import SimpleNamespace

import pytest
import torch

from baseline_code.training.callbacks import NonFiniteGuard, NonFiniteLossError
from runners.wiring.training import build_module
from tests.lightning_modules.experiment import configured, fit


def trainer_without_checkpoint():
    return SimpleNamespace(current_epoch=3, checkpoint_callback=None)


def batch_of(*filenames):
    return SimpleNamespace(filenames=tuple(filenames))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_the_guard_names_the_files_of_the_first_bad_batch(value):
    guard, trainer = NonFiniteGuard(every_n_steps=3), trainer_without_checkpoint()
    for step, finite in enumerate((torch.tensor(1.0), None, torch.tensor(2.0))):  # None: a step that was skipped
        guard.on_train_batch_end(trainer, None, finite, batch_of("z.png"), step)
    guard.on_validation_start(trainer, None)
    guard.on_train_epoch_end(trainer, None)
    guard.on_train_batch_end(trainer, None, torch.tensor(1.0), batch_of("a.png", "b.png"), 0)
    guard.on_train_batch_end(trainer, None, {"loss": torch.tensor(value)}, batch_of("c.png", "d.png"), 1)
    with pytest.raises(
        NonFiniteLossError,
        match=rf"got {value} in epoch 3 for the batch of c\.png, d\.png; best .*none yet.*models\.opt",
    ):
        guard.on_train_batch_end(trainer, None, torch.tensor(float("nan")), batch_of("e.png"), 2)


def test_a_training_stops_before_anything_is_saved(data, tmp_path, monkeypatch):
    config = configured(data, "trainer.batch_size=1")
    module = build_module(config)
    sound_step = module.training_step

    def poisoned_step(batch, batch_idx):
        loss = sound_step(batch, batch_idx)
        return loss * float("nan") if batch.records[0].filename == "train_2.png" else loss

    monkeypatch.setattr(module, "training_step", poisoned_step)
    with pytest.raises(NonFiniteLossError, match=r"got nan in epoch 0 for the batch of train_2\.png; best"):
        fit(config, tmp_path, module=module)
    assert list(tmp_path.rglob("*.ckpt")) == []
