"""Generate photographs with words on them: `python runners/generate_scenes.py output=data/scenes train=300`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("generate_scenes")  # before torch is imported

from pathlib import Path

from omegaconf import DictConfig
from rich.console import Console
from rich.progress import Progress

from synthetic.scenes import ScenesPlan, find_photographs, write_scenes


@entry_point("generate_scenes")
def main(config: DictConfig) -> None:
    """Write the data set that `configs/generate_scenes.yaml` and the command line describe."""
    counts, (low, high) = (config.train, config.val, config.test), config.quality
    plan = ScenesPlan(config.seed, counts, config.curved, (low, high), config.receipts, config.signs)
    photographs = find_photographs(None if config.backgrounds is None else Path(config.backgrounds))
    output, console = Path(config.output), Console(stderr=True)
    with Progress(console=console) as progress:
        task = progress.add_task("scenes", total=sum(counts))
        write_scenes(output, plan, photographs, overwrite=config.overwrite, on_image=lambda: progress.advance(task))
    console.print(f"{sum(counts)} scenes in {output}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
