"""Generate photographs with words on them: `python runners/generate_scenes.py output=data/scenes train=300`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("generate_scenes")  # before torch is imported

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from synthetic.receipts.render import LabelUnit
from synthetic.scenes import ScenesPlan, find_photographs, write_scenes


@entry_point("generate_scenes")
def main(
    output: str,
    backgrounds: str | None,
    seed: int,
    train: int,
    val: int,
    test: int,
    receipts: float,
    signs: float,
    curved: float,
    quality: Sequence[int],
    unit: LabelUnit,
    overwrite: bool,
) -> None:
    """Write the data set that `configs/generate_scenes.yaml` and the command line describe."""
    counts, (low, high) = (train, val, test), quality
    plan = ScenesPlan(seed, counts, curved, (low, high), unit, receipts, signs)
    photographs = find_photographs(None if backgrounds is None else Path(backgrounds))
    console = Console(stderr=True)
    write_scenes(Path(output), plan, photographs, overwrite=overwrite, track=partial(track, console=console))
    console.print(f"{sum(counts)} scenes in {output}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
