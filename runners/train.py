"""Train a detector: `python runners/train.py preset=…`."""

from __future__ import annotations

from omegaconf import DictConfig
from pytorch_lightning.utilities import rank_zero_only

from runners.cli.entry import entry_point
from runners.cli.settings import print_settings
from runners.wiring.run_folder import claimed_run
from runners.wiring.training import announce, train_detector


@entry_point("train")
def main(config: DictConfig) -> float | None:
    """Trains, and returns the best monitored score."""
    with claimed_run() as folder:
        announce(config)
        rank_zero_only(print_settings)(config)
        return train_detector(config, folder, config.resume).score


if __name__ == "__main__":
    main()
