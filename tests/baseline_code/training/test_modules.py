"""The epoch's training loss is the mean over the samples of all processes."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json
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
    for devices, strategy in ((1, "auto"), (2, "ddp_fork")):
        trainer = pl.Trainer(
            accelerator="cpu", devices=devices, strategy=strategy, max_epochs=1, logger=False,
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        )
        trainer.fit(Steps(), DataLoader(range(2 * devices)))
        print(json.dumps({name: float(value) for name, value in trainer.callback_metrics.items()}))
"""


def test_the_epochs_mean_is_over_all_processes(tmp_path):
    script = tmp_path / "steps.py"
    script.write_text(SCRIPT)
    result = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    one, two = (json.loads(line) for line in result.stdout.splitlines() if line.startswith("{"))
    for logged, mean in ((one, 1.5), (two, (1 * 1 + 1 * 2 + 3 * 11 + 3 * 12) / 8)):
        # the step's value is that of the first process
        assert logged == pytest.approx({"train_loss": mean, "train_loss_epoch": mean, "train_loss_step": 2.0})
