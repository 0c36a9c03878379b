"""What a perfect network would score at a size: `python runners/ceiling.py datasets.root=… datasets.img_size=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("ceiling")  # before torch is imported

from collections.abc import Sequence
from typing import cast

from rich.console import Console
from rich.progress import track

from ocr.datasets.word_counts import check_scorable
from ocr.metrics.ceiling import find_ceiling, score_core_errors
from ocr.transforms.geometric import Letterbox
from ocr.visualization.scores import print_core_errors, print_scores
from runners.cli.settings import Group, Settings
from runners.wiring.parts import build_postprocess
from runners.wiring.training import build_datamodule


@entry_point("ceiling")
def main(
    written: Group, worst: int, core_error: float, sizes: Sequence[int] | None, shrink_ratios: Sequence[float]
) -> None:
    """Labels to training maps to polygons, scored against the labels; then what errors of the cores cost."""
    settings = Settings.of(written)
    datamodule = build_datamodule(settings)
    val = datamodule.val
    check_scorable(datamodule.images(val).annotations, val.split)
    labels = list(zip(datamodule.images(val).annotations, datamodule.sizes(val), strict=True))
    letterbox, postprocess = cast(Letterbox, val.transform), build_postprocess(settings)
    ceiling = find_ceiling(labels, letterbox, postprocess)
    print_scores(ceiling.evaluation, worst=worst)
    Console().print(f"mean IoU of all words with their label: {ceiling.mean_iou:.4f}")
    if core_error > 0:
        scores = score_core_errors(
            labels,
            letterbox,
            postprocess,
            core_error=core_error,
            sizes=sizes or [letterbox.img_size],
            shrink_ratios=sorted({*shrink_ratios, postprocess.shrink_ratio}),
            track=track,
        )
        print_core_errors(scores, core_error=core_error, shrink_ratio=postprocess.shrink_ratio)


if __name__ == "__main__":
    main()
