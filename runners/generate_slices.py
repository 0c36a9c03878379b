"""Generate CT-like slices of battery cells: `python runners/generate_slices.py output=data/battery`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("generate_slices")  # before torch is imported

from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from synthetic.slices import SlicesPlan, write_slices


@entry_point("generate_slices")
def main(
    output: str, seed: int, train: int, val: int, test: int, size: int, defects: float, growth: float, overwrite: bool
) -> None:
    """Write the data set that `configs/generate_slices.yaml` and the command line describe."""
    plan = SlicesPlan(seed, (train, val, test), size, defects, growth)
    console = Console(stderr=True)
    write_slices(Path(output), plan, overwrite=overwrite, track=partial(track, console=console))
    console.print(f"{sum(plan.counts)} slices in {output}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
