"""How many processes load data, by the machine."""

import pytest
import torch

from baseline_code.training import workers
from baseline_code.training.workers import count_workers


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
    monkeypatch.setattr(workers, "_cores", lambda: cores)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: devices)
    assert count_workers("auto") == expected


@pytest.mark.parametrize("number", [0, 1, 40])
def test_a_number_is_taken_as_it_is(number):
    assert count_workers(number) == number


@pytest.mark.parametrize("setting", [-1, "many", True, None, 1.5])
def test_anything_else_is_refused(setting):
    with pytest.raises(ValueError, match=r"expected datasets\.num_workers to be auto or a number from 0, got"):
        count_workers(setting)
