"""What detectors score on generated text of other kinds than SROIE's receipts: Hangul, slant, photographs.

Each kind is labelled twice: by words, and by words together that a space parts, since labels differ in what a word is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import get_args

from benchmarks.peers_accuracy import detect, ours, score
from benchmarks.report import Row, argument_parser, publish
from ocr.annotations.labelled_images import LabelledImages, read_images
from synthetic.receipts import GeneratedImage, generate_receipt, write_dataset
from synthetic.receipts.render import LabelUnit
from synthetic.receipts.vocabulary import Language
from synthetic.scenes import ScenesPlan, find_photographs, write_scenes

SEED, QUALITY = 31, 80


def main() -> None:
    """Scores detectors on all kinds."""
    parser = argument_parser(__doc__)
    parser.add_argument("--detectors", nargs="+", default=["receipt_light"], help="(default: %(default)s)")
    parser.add_argument("--images", type=int, default=30, help="of each kind (default: %(default)s)")
    options = parser.parse_args()
    detectors = [ours(path) for path in options.detectors]
    rows: list[Row] = []
    for kind, unit, data in make_kinds(options.images):
        found, _ = detect(detectors, data)
        for path, polygons in zip(options.detectors, found, strict=True):
            scores = score(data, polygons)
            result = {"CLEval H": scores.cleval.hmean, "IoU H": scores.iou.hmean}
            rows.append({"images": f"{len(data.annotations)} {kind}", "labels": f"each {unit}", "by": path, **result})
    publish("Text of other kinds", rows, options.json, note=f"seed {SEED}")


def make_kinds(images: int) -> Iterator[tuple[str, LabelUnit, LabelledImages]]:
    """Name, unit of the labels, and images of each kind; photographs only where a package has some."""
    kinds: dict[str, Callable[[Path, ScenesPlan], None]] = {
        "receipts in Hangul": partial(_write_receipts, language="korean"),
        "receipts rotated by up to 30 degrees": partial(_write_receipts, slant=30.0),
        "receipts on photographs": lambda folder, plan: write_scenes(folder, plan, find_photographs()),
    }
    for kind, write in kinds.items():
        for unit in get_args(LabelUnit):
            plan = ScenesPlan(SEED, (0, images, 0), unit=unit, receipts=1.0, signs=0.0)
            with tempfile.TemporaryDirectory() as folder:
                try:
                    write(Path(folder), plan)
                except FileNotFoundError:  # pip install -e .[photographs]
                    continue
                yield kind, unit, read_images(Path(folder), "val")


def _write_receipts(folder: Path, plan: ScenesPlan, *, language: Language | None = None, slant: float = 4.0) -> None:
    def draw(_split: str, number: int) -> tuple[GeneratedImage, int]:
        return generate_receipt(plan.seed, number, language=language, slant=slant, unit=plan.unit), QUALITY

    write_dataset(folder, plan, draw=draw)


if __name__ == "__main__":
    main()
