"""What a perfect network would score at a size: `python runners/ceiling.py datasets.root=… datasets.img_size=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("ceiling")  # before torch is imported

from typing import cast

from omegaconf import DictConfig
from rich.console import Console

from ocr.datasets.word_counts import check_scorable
from ocr.metrics.ceiling import find_ceiling
from ocr.transforms.geometric import Letterbox
from ocr.visualization.scores import print_scores
from runners.wiring.parts import build_postprocess
from runners.wiring.training import build_datamodule


@entry_point("ceiling")
def main(config: DictConfig) -> None:
    """Labels to training maps to polygons, scored against the labels."""
    datamodule = build_datamodule(config)
    part = datamodule.val
    check_scorable(datamodule.annotations(part), part.split)
    labels = zip(datamodule.annotations(part), datamodule.sizes(part), strict=True)
    ceiling = find_ceiling(
        ((annotation, *size) for annotation, size in labels),
        cast(Letterbox, part.transform),
        build_postprocess(config),
    )
    print_scores(ceiling.evaluation, worst=config.worst)
    Console().print(f"mean IoU of all words with their label: {ceiling.mean_iou:.4f}")


if __name__ == "__main__":
    main()
