"""What a perfect network would score at a size: `python runners/ceiling.py datasets.root=… datasets.img_size=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("ceiling")  # before torch is imported

from typing import cast

from omegaconf import DictConfig
from rich.console import Console
from rich.progress import track

from ocr.datasets.word_counts import check_scorable
from ocr.metrics.ceiling import find_ceiling
from ocr.metrics.core_errors import score_core_errors
from ocr.transforms.geometric import Letterbox
from ocr.visualization.core_errors import print_core_errors
from ocr.visualization.scores import print_scores
from runners.wiring.parts import build_postprocess
from runners.wiring.training import build_datamodule


@entry_point("ceiling")
def main(config: DictConfig) -> None:
    """Labels to training maps to polygons, scored against the labels; then what errors of the cores cost."""
    datamodule = build_datamodule(config)
    part = datamodule.val
    check_scorable(datamodule.annotations(part), part.split)
    sizes = zip(datamodule.annotations(part), datamodule.sizes(part), strict=True)
    labels = [(annotation, *size) for annotation, size in sizes]
    letterbox, postprocess = cast(Letterbox, part.transform), build_postprocess(config)
    ceiling = find_ceiling(labels, letterbox, postprocess)
    print_scores(ceiling.evaluation, worst=config.worst)
    Console().print(f"mean IoU of all words with their label: {ceiling.mean_iou:.4f}")
    if config.core_error > 0:
        scores = score_core_errors(
            labels,
            letterbox,
            postprocess,
            core_error=config.core_error,
            sizes=config.sizes or [letterbox.img_size],
            shrink_ratios=sorted({*config.shrink_ratios, postprocess.shrink_ratio}),
            track=track,
        )
        print_core_errors(scores, core_error=config.core_error, shrink_ratio=postprocess.shrink_ratio)


if __name__ == "__main__":
    main()
