"""Generate receipts with word polygons: `python runners/generate.py output=data/my_receipts train=200`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("generate")  # before torch is imported

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from synthetic.receipts import DatasetPlan, write_dataset
from synthetic.receipts.render import LabelUnit


@entry_point("generate")
def main(
    output: str,
    seed: int,
    train: int,
    val: int,
    test: int,
    curved: float,
    quality: Sequence[int],
    unit: LabelUnit,
    overwrite: bool,
) -> None:
    """Write the data set that `configs/generate.yaml` and the command line describe."""
    low, high = quality
    plan = DatasetPlan(seed, (train, val, test), curved, (low, high), unit)
    console = Console(stderr=True)
    write_dataset(Path(output), plan, overwrite=overwrite, track=partial(track, console=console))
    console.print(f"{sum(plan.counts)} receipts in {output}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
