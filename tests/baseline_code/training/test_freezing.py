"""Freezing: what moves in which epoch, with averaged weights, and when a training goes on."""

import pytest
import pytorch_lightning as pl
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

from baseline_code.models import build_network
from baseline_code.training.callbacks.ema import ExponentialMovingAverage
from baseline_code.training.callbacks.freezing import BackboneFreezing
from baseline_code.training.optimization import OptimizerFactory

HEAD = "head"
ALL = ["0", "1", "2", "3", HEAD]  # the plain CNN's four stages


class Classifier(pl.LightningModule):
    """The plain CNN with a fused optimiser that also decays."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.network = build_network("plain_cnn", 2, img_size=16)

    def training_step(self, batch, batch_idx):
        images, labels = batch
        return cross_entropy(self.network(images), labels)

    def validation_step(self, batch, batch_idx):
        self.network(batch[0])

    def configure_optimizers(self):
        return OptimizerFactory(name="adamw", lr=0.01, weight_decay=0.5, fused=True)(self.network)


class Moves(pl.Callback):
    """Writes down what each epoch of training changed: weights and batch statistics, by stage."""

    def __init__(self):
        self.moved = []

    def on_train_epoch_start(self, trainer, pl_module):
        self._before = {name: value.clone() for name, value in pl_module.network.state_dict().items()}

    def on_train_epoch_end(self, trainer, pl_module):
        self.moved.append(sorted(moved_stages(self._before, pl_module.network)))


def moved_stages(before, network):
    """The stages of weights and batch statistics that are no longer as they were."""
    now = network.state_dict()
    changed = [name for name, value in before.items() if not torch.equal(value, now[name])]
    return {HEAD if name.startswith("head.") else name.split(".")[1] for name in changed}


def train(folder, epochs, freezing, *callbacks, module=None, resume=None):
    generator = torch.Generator().manual_seed(1)
    data = TensorDataset(torch.randn(4, 3, 16, 16, generator=generator), torch.tensor([0, 1, 1, 0]))
    module = module or Classifier()
    trainer = pl.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        callbacks=[*callbacks, freezing],
        default_root_dir=folder,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    trainer.fit(module, DataLoader(data, batch_size=2), DataLoader(data), ckpt_path=resume, weights_only=True)
    return trainer


@pytest.mark.parametrize(
    ("frozen_epochs", "unfreeze_every", "moved"),
    [
        (None, 0, [[HEAD], [HEAD]]),  # batch statistics stay too, although each epoch ends with a validation
        (2, 0, [[HEAD], [HEAD], ALL]),
        (1, 1, [[HEAD], ["3", HEAD], ["2", "3", HEAD], ["1", "2", "3", HEAD], ALL, ALL]),
        (0, 2, [["3", HEAD], ["3", HEAD], ["2", "3", HEAD]]),
    ],
)
def test_only_what_is_not_frozen_moves(frozen_epochs, unfreeze_every, moved, tmp_path):
    moves = Moves()
    train(tmp_path, len(moved), BackboneFreezing(frozen_epochs, unfreeze_every), moves)
    assert moves.moved == moved


def test_averaged_weights_of_a_frozen_stage_are_those_it_has(tmp_path):
    module = Classifier()
    before = {name: value.clone() for name, value in module.network.state_dict().items()}
    train(tmp_path, 3, BackboneFreezing(2, 9), ExponentialMovingAverage(0.9), module=module)
    assert moved_stages(before, module.network) == {"3", HEAD}  # the average, as the training has ended


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_training_that_goes_on_ends_as_one_that_never_stopped(stop, tmp_path):
    whole, parts = Classifier(), Classifier()
    train(tmp_path, 4, BackboneFreezing(2, 1), module=whole)
    train(tmp_path, stop, BackboneFreezing(2, 1), module=parts).save_checkpoint(tmp_path / "last.ckpt")
    resumed, moves = Classifier(), Moves()
    train(tmp_path, 4, BackboneFreezing(2, 1), moves, module=resumed, resume=tmp_path / "last.ckpt")
    assert moves.moved == [[HEAD], [HEAD], ["3", HEAD], ["2", "3", HEAD]][stop:]
    for name, value in whole.network.state_dict().items():
        torch.testing.assert_close(resumed.network.state_dict()[name], value, rtol=0, atol=1e-6, msg=name)


class SaveMidEpoch(pl.Callback):
    """Saves after the first of an epoch's two steps."""

    def __init__(self, path):
        self.path = path

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if batch_idx == 0:
            trainer.save_checkpoint(self.path)


def test_a_training_that_goes_on_within_an_epoch_stays_frozen(tmp_path):
    train(tmp_path, 1, BackboneFreezing(None), SaveMidEpoch(tmp_path / "mid.ckpt"))
    fresh, resumed = Classifier(), Classifier()
    train(tmp_path, 2, BackboneFreezing(None), module=resumed, resume=tmp_path / "mid.ckpt")
    assert moved_stages(fresh.network.state_dict(), resumed.network) == {HEAD}


def test_the_next_training_of_a_frozen_network_holds_all_its_weights_again(tmp_path):
    module, moves = Classifier(), Moves()
    train(tmp_path, 1, BackboneFreezing(None), module=module)
    train(tmp_path, 1, BackboneFreezing(0, 9), moves, module=module)
    assert moves.moved == [["3", HEAD]]


@pytest.mark.parametrize(
    ("frozen_epochs", "unfreeze_every", "frozen_by_epoch"),
    [(2, 0, {1: 5, 2: 0}), (2, 3, {1: 5, 2: 4, 4: 4, 5: 3, 99: 0}), (None, 0, {99: 5}), (0, 0, {0: 0})],
)
def test_stages_are_unfrozen_from_the_deepest(frozen_epochs, unfreeze_every, frozen_by_epoch):
    freezing = BackboneFreezing(frozen_epochs, unfreeze_every)
    assert {epoch: freezing.frozen_stages(epoch, stages=5) for epoch in frozen_by_epoch} == frozen_by_epoch


NEGATIVE = "expected frozen_epochs and unfreeze_every >= 0 epochs, got"


@pytest.mark.parametrize(
    ("frozen_epochs", "unfreeze_every", "message"),
    [
        (-1, 0, NEGATIVE),
        (0, -1, NEGATIVE),
        (None, -2, NEGATIVE),
        (None, 2, r"expected unfreeze_every=0 where frozen_epochs=null .*, got 2"),
    ],
)
def test_negative_epochs_and_unfreezing_what_stays_frozen_are_refused(frozen_epochs, unfreeze_every, message):
    with pytest.raises(ValueError, match=message):
        BackboneFreezing(frozen_epochs, unfreeze_every)


def test_a_module_without_stages_is_refused(tmp_path):
    bare = Classifier()
    bare.network = torch.nn.Linear(1, 1)
    with pytest.raises(TypeError, match=r"expected Classifier\.network to be a network that has stages"):
        train(tmp_path, 1, BackboneFreezing(1), module=bare)


def test_several_devices_need_a_strategy_that_bears_frozen_weights():
    trainer = pl.Trainer(accelerator="cpu", devices=2, strategy="ddp", logger=False, enable_checkpointing=False)
    with pytest.raises(ValueError, match=r"expected trainer\.strategy=ddp_find_unused_parameters_true with a frozen"):
        BackboneFreezing(1).setup(trainer, Classifier(), "fit")
