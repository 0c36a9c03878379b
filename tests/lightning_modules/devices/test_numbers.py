"""A device computes what the CPU computes, in every precision and with every option for speed."""

import shutil

import pytest
import torch

from tests.lightning_modules.devices.networks import distance, in_float32, make_batch, make_module, run
from tests.lightning_modules.experiment import configured, fit

FLOAT32 = 1e-3  # of maps, loss and gradients
HALF = {  # of maps, loss and gradients; the worst of three seeds on a CPU: 0.017, 0.0003, 0.30; 0.002, 0.0001, 0.10
    torch.bfloat16: (0.05, 0.01, 0.5),
    torch.float16: (0.01, 0.01, 0.2),
}
NO_COMPILER = not any(map(shutil.which, ("c++", "g++", "clang++")))


@pytest.fixture(scope="module")
def expected():
    """By the CPU in float64."""
    return run(make_module("cpu").double(), make_batch("cpu"))


def test_float32_equals_the_cpus_float64(device, expected):
    with in_float32():
        found = run(make_module(device), make_batch(device))
    assert max(map(distance, found, expected)) < FLOAT32


@pytest.mark.parametrize(
    ("device", "half"),
    [
        ("cpu", torch.bfloat16),
        pytest.param("cuda", torch.bfloat16, marks=pytest.mark.gpu),
        pytest.param("cuda", torch.float16, marks=pytest.mark.gpu),
    ],
)
def test_half_precision_is_within_its_bounds(half, device, expected):
    found = run(make_module(device), make_batch(device), half=half)
    assert [distance(*pair) < bound for *pair, bound in zip(found, expected, HALF[half], strict=True)] == [True] * 3


@pytest.mark.parametrize(
    "compiled_on",
    [
        pytest.param("cpu", marks=[pytest.mark.slow, pytest.mark.skipif(NO_COMPILER, reason="needs a C++ compiler")]),
        pytest.param("cuda", marks=pytest.mark.gpu),
    ],
)
def test_a_compiled_network_is_the_eager_one(compiled_on):
    with in_float32():
        eager = run(make_module(compiled_on), make_batch(compiled_on))
        found = run(make_module(compiled_on, "models.compile=true"), make_batch(compiled_on))
    assert max(map(distance, found, eager)) < FLOAT32


@pytest.mark.parametrize(
    ("accelerator", "precision"),
    [
        ("cpu", "bf16-mixed"),
        *(pytest.param("gpu", name, marks=pytest.mark.gpu) for name in ("32-true", "bf16-mixed", "16-mixed")),
    ],
)
def test_a_training_stays_finite(accelerator, precision, data, tmp_path):
    """Weights, their average, and what the optimiser remembers."""
    settings = (f"trainer.accelerator={accelerator}", f"trainer.precision={precision}", "trainer.max_epochs=4")
    trainer, module = fit(configured(data, *settings, "models.decoder.name=unet"), tmp_path)
    assert trainer.callback_metrics["train_loss"].isfinite()
    remembered = [value for state in trainer.optimizers[0].state.values() for value in state.values()]
    assert all(value.isfinite().all() for value in [*module.state_dict().values(), *remembered])
    assert 0 <= trainer.callback_metrics["val_hmean"] <= 1
