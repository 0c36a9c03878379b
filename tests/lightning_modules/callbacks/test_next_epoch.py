"""The next epoch is begun while this one is validated."""

from types import SimpleNamespace

import pytest
import pytorch_lightning as pl

from baseline_code.training.callbacks import NextEpochLoading
from baseline_code.training.loading import EpochLoader
from tests.lightning_modules.experiment import configured, fit


class Order(pl.Callback):
    """Writes down the images of each epoch, and which epochs the loader was told to begin."""

    def __init__(self):
        self.seen, self.begun = [], []

    def on_train_epoch_start(self, trainer, pl_module):
        self.seen.append([])

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        self.seen[-1].append(batch.filenames)

    def on_validation_end(self, trainer, pl_module):
        self.begun.append(trainer.train_dataloader._begun)


def order(data, folder, *overrides):
    order = Order()
    fit(configured(data, "trainer.max_epochs=3", *overrides), folder, order)
    return order


def test_a_training_begins_each_epoch_during_the_validation_before_it(data, tmp_path):
    """Not one after the last; the images come in the order that they have without."""
    early = order(data, tmp_path / "early", "datasets.num_workers=1")
    plain = order(data, tmp_path / "plain", "datasets.num_workers=0")
    assert early.begun == [1, 2, None]
    assert plain.begun == [None, None, None]
    assert early.seen == plain.seen


def test_an_epoch_without_validation_is_followed_as_soon(data, tmp_path):
    order_ = order(data, tmp_path, "datasets.num_workers=1", "trainer.check_val_every_n_epoch=3")
    assert order_.begun == [None]
    assert [len(epoch) for epoch in order_.seen] == [2, 2, 2]


@pytest.mark.parametrize(
    ("function", "max_epochs", "stopped", "begun"),
    [
        ("fit", 5, False, [1]),
        ("fit", -1, False, [1]),  # without an end
        ("fit", 1, False, []),
        ("fit", 5, True, []),
        ("validate", 5, False, []),
    ],
)
def test_an_epoch_is_begun_where_there_is_another_one(function, max_epochs, stopped, begun, monkeypatch):
    told = []
    loader = EpochLoader([0])
    monkeypatch.setattr(loader, "begin", told.append)
    trainer = SimpleNamespace(
        current_epoch=0,
        max_epochs=max_epochs,
        should_stop=stopped,
        train_dataloader=loader,
        state=SimpleNamespace(fn=function),
    )
    NextEpochLoading().on_validation_start(trainer, None)
    assert told == begun
