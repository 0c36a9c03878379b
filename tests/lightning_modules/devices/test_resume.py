"""On a device, too, a training that was killed and resumed is the uninterrupted one; on the CPU see test_training."""

import pytest
import torch

from tests.lightning_modules.experiment import KillAt, Killed, configured, fit

PARTS = ("state_dict", "current_model_state", "averaging_state", "optimizer_states", "lr_schedulers", "global_step")
"""With an average of the weights: these, the trained ones, and how often they were averaged."""


def tensors(state):
    """Everything below, in order."""
    if isinstance(state, dict):
        return [value for key in state for value in tensors(state[key])]
    if isinstance(state, list | tuple):
        return [value for child in state for value in tensors(child)]
    return [torch.as_tensor(state)] if isinstance(state, int | float | torch.Tensor) else []


@pytest.mark.gpu
def test_it_is_the_same_to_the_last_bit(data, tmp_path, monkeypatch):
    """With a process that loads, which is to go on with the second epoch's images."""
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    settings = ("trainer.accelerator=gpu", "datasets.num_workers=1", "trainer.deterministic=warn")
    config = configured(data, *settings)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    fit(config, whole)
    with pytest.raises(Killed):
        fit(config, cut, KillAt(epoch=1, batch=0))
    last = cut / "checkpoints" / "last.ckpt"
    fit(config, cut, resume=last)
    found, expected = (
        torch.load(folder / "checkpoints" / "last.ckpt", map_location="cpu", weights_only=True)
        for folder in (cut, whole)
    )
    for part in PARTS:
        pairs = list(zip(tensors(found[part]), tensors(expected[part]), strict=True))
        assert pairs, part
        assert all(torch.equal(*pair) for pair in pairs), part
