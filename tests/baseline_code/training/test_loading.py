"""An epoch that is begun early is the same epoch; how many processes load, by the machine."""

import multiprocessing

import pytest
import torch
from torch.utils.data import Dataset

from baseline_code.training import loading
from baseline_code.training.loading import EpochLoader, count_workers
from baseline_code.training.sampler import EpochSampler


class Keys(Dataset):
    """Each sample is its own key; tells when the first one of an epoch is loaded."""

    def __init__(self, watched):
        self.watched = watched
        self.loaded = multiprocessing.get_context("fork").Event()

    def __len__(self):
        return 6

    def __getitem__(self, key):
        if key[0] == self.watched:
            self.loaded.set()
        return key


def loader(num_workers=1, watched=1):
    sampler = EpochSampler(6, 2, seed=3, shuffle=True)
    return EpochLoader(
        Keys(watched),
        batch_size=2,
        sampler=sampler,
        num_workers=num_workers,
        collate_fn=list,
        persistent_workers=num_workers > 0,
        multiprocessing_context="fork" if num_workers else None,
    )


def epoch(loader, number):
    loader.sampler.set_epoch(number)
    return list(loader)


@pytest.mark.parametrize("num_workers", [0, 1, 2])
def test_an_epoch_that_was_begun_is_the_same(num_workers):
    plain, early = loader(num_workers), loader(num_workers)
    expected = [epoch(plain, number) for number in range(3)]
    found = [epoch(early, 0)]
    for number in (1, 2):
        early.begin(number)
        early.begin(number)  # a second time changes nothing
        found.append(epoch(early, number))
    assert found == expected
    assert expected[0] != expected[1]


def test_it_is_loaded_before_anyone_asks_for_it():
    early = loader()
    epoch(early, 0)
    assert not early.dataset.loaded.is_set()
    early.begin(1)
    assert early.dataset.loaded.wait(timeout=20)


@pytest.mark.parametrize("num_workers", [0, 1])
def test_the_epoch_may_be_chosen_until_the_first_batch_is_asked_for(num_workers):
    early, plain = loader(num_workers), loader(num_workers)
    batches = iter(early)
    early.sampler.set_epoch(2)
    assert list(batches) == epoch(plain, 2)


def test_an_epoch_that_nobody_asks_for_is_given_up():
    plain, early = loader(), loader()
    epoch(early, 0)
    early.begin(1)
    assert epoch(early, 2) == epoch(plain, 2)
    assert epoch(early, 1) == epoch(plain, 1)


@pytest.mark.parametrize(
    ("cores", "devices", "expected"),
    [
        (2, 0, 1),  # the network needs the other one
        (3, 0, 1),
        (4, 0, 2),
        (64, 0, 2),
        (1, 0, 1),
        (16, 1, 16),
        (64, 1, 16),
        (32, 8, 4),  # every process that trains has loaders of its own
        (4, 8, 1),
    ],
)
def test_auto_goes_by_cores_and_devices(cores, devices, expected, monkeypatch):
    monkeypatch.setattr(loading, "_cores", lambda: cores)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: devices)
    assert count_workers("auto") == expected


@pytest.mark.parametrize("setting", [-1, "many", True, None, 1.5])
def test_a_number_is_taken_as_it_is_and_anything_else_refused(setting):
    assert [count_workers(number) for number in (0, 1, 40)] == [0, 1, 40]
    with pytest.raises(ValueError, match=r"expected datasets\.num_workers to be auto or a number from 0, got"):
        count_workers(setting)
