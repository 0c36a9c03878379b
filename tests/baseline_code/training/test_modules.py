"""The epoch's training loss is the mean over the samples of all processes."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader
from baseline_code.training.modules import log_training_value


class Steps(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def training_step(self, batch, batch_idx):
        # rank 0: batches of one sample, value 1 and 2; rank 1: of three samples, value 11 and 12
        value = 1.0 + batch_idx + 10 * self.global_rank
        log_training_value(self, "train_loss", torch.tensor(value), 1 + 2 * self.global_rank)
        return self.weight.sum()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)


if __name__ == "__main__":
    devices = int(sys.argv[1])
    trainer = pl.Trainer(
        accelerator="cpu", devices=devices, strategy="ddp_fork" if devices > 1 else "auto", max_epochs=1, logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )
    trainer.fit(Steps(), DataLoader(range(2 * devices)))
    print(json.dumps({name: float(value) for name, value in trainer.callback_metrics.items()}))
"""


@pytest.mark.parametrize(
    ("devices", "mean", "step"),
    [(1, 1.5, 2.0), (2, (1 * 1 + 1 * 2 + 3 * 11 + 3 * 12) / 8, 2.0)],  # the step's is that of the first process
)
def test_the_epochs_mean_is_over_all_processes(tmp_path, devices, mean, step):
    script = tmp_path / "steps.py"
    script.write_text(SCRIPT)
    result = subprocess.run(
        [sys.executable, script, str(devices)], capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, result.stdout + result.stderr
    logged = json.loads(result.stdout.splitlines()[-1])
    assert logged == pytest.approx({"train_loss": mean, "train_loss_epoch": mean, "train_loss_step": step})
