"""Generate receipts with word polygons: `python runners/generate.py output=data/my_receipts train=200`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("generate")  # before torch is imported

from pathlib import Path

from omegaconf import DictConfig
from rich.console import Console
from rich.progress import Progress

from synthetic.receipts import DatasetPlan, write_dataset


@entry_point("generate")
def main(config: DictConfig) -> None:
    """Write the data set that `configs/generate.yaml` and the command line describe."""
    low, high = config.quality
    plan = DatasetPlan(config.seed, (config.train, config.val, config.test), config.curved, (low, high))
    console = Console(stderr=True)
    with Progress(console=console) as progress:
        task = progress.add_task("receipts", total=sum(plan.counts))
        write_dataset(Path(config.output), plan, overwrite=config.overwrite, on_image=lambda: progress.advance(task))
    console.print(f"{sum(plan.counts)} receipts in {config.output}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
