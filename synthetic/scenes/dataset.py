"""A data set of scenes: which image shows what, drawn and written like generated receipts."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from baseline_code.tracking import Track, silent
from synthetic.receipts import DatasetPlan, GeneratedImage, generate_receipt, write_dataset
from synthetic.scenes.photographs import Photographs
from synthetic.scenes.signs import draw_signs

SIZES = ((1280, 960), (960, 1280), (1080, 1080))
SPREAD = (5**0.5 - 1) / 2  # multiples of the golden ratio fill [0, 1) evenly


@dataclass(frozen=True)
class ScenesPlan(DatasetPlan):
    """What to generate, as in `DatasetPlan`.

    The fraction `receipts` of each split shows a receipt, the fraction `signs` signs; the others are photographs
    without words. `curved` is the fraction of the receipts.
    """

    quality: tuple[int, int] = (60, 92)
    receipts: float = 0.35
    signs: float = 0.55
    prefix: ClassVar[str] = "scene_"

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        super().__post_init__()
        if min(self.receipts, self.signs) < 0 or self.receipts + self.signs > 1:
            raise ValueError(
                f"expected receipts >= 0 and signs >= 0, together up to 1, got {self.receipts} and {self.signs}"
            )

    def kind(self, number: int) -> Literal["receipt", "signs", "plain"]:
        """What image `number` of a split shows; evenly spread."""
        place = (number + 0.5) * SPREAD % 1
        if place < self.receipts:
            return "receipt"
        return "signs" if place < self.receipts + self.signs else "plain"


def write_scenes(
    output: Path,
    plan: ScenesPlan,
    photographs: Photographs,
    *,
    overwrite: bool = False,
    track: Track = silent,
) -> None:
    """Write the scenes below `output` as `write_dataset` does.

    Args:
        output: folder, made where missing.
        plan: what to write.
        photographs: what the receipts and the words are on.
        overwrite: as for `write_dataset`.
        track: as for `write_dataset`.

    Raises:
        FileExistsError: as `write_dataset` does.
        ImageReadError: if a photograph cannot be read.
    """
    write_dataset(output, plan, draw=partial(_draw, plan, photographs), overwrite=overwrite, track=track)


def _draw(plan: ScenesPlan, photographs: Photographs, split: str, number: int) -> tuple[GeneratedImage, int]:
    """A scene and its JPEG quality."""
    index = plan.index(split, number)
    rng = np.random.default_rng([plan.seed, index, 98])
    quality = int(rng.integers(plan.quality[0], plan.quality[1] + 1))
    ground = photographs.crop(rng, *SIZES[int(rng.integers(len(SIZES)))])
    kind = plan.kind(number)
    if kind != "receipt":
        return draw_signs(rng, ground, int(rng.integers(2, 9)) if kind == "signs" else 0, plan.unit), quality
    curve = float(rng.uniform(0.3, 1.0)) if rng.random() < plan.curved else 0.0
    receipt = generate_receipt(
        plan.seed, index, curve=curve, slant=12.0, perspective=0.06, ground=ground, unit=plan.unit
    )
    return receipt, quality
