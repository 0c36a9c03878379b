"""Write a data set of generated images: files, annotation JSON and a manifest of what was written."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from baseline_code.files.atomic import write_bytes_atomic, write_text_atomic
from baseline_code.files.claims import Manifest
from baseline_code.tracking import Track, silent
from synthetic.receipts.render import GeneratedImage, LabelUnit, generate_receipt

SPLITS = ("train", "val", "test")
Draw = Callable[[str, int], tuple[GeneratedImage, int]]


@dataclass(frozen=True)
class DatasetPlan:
    """What to generate; image `i` of a split is the same however many there are, and splits have none in common.

    `counts` are the images of train, val and test. The fraction `curved` of each split is bent, with 14-point
    polygons. `quality` is the range of the JPEG quality. `unit` is what has a label.
    """

    seed: int
    counts: tuple[int, int, int]
    curved: float = 0.15
    quality: tuple[int, int] = (27, 42)
    unit: LabelUnit = "word"
    prefix: ClassVar[str] = ""  # of the images' names

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        if self.seed < 0:
            raise ValueError(f"expected seed >= 0, got {self.seed}")
        if min(self.counts) < 0:
            raise ValueError(f"expected counts >= 0 of train, val and test, got {self.counts}")
        if not 0 <= self.curved <= 1:
            raise ValueError(f"expected curved in [0, 1], got {self.curved}")
        if not 1 <= self.quality[0] <= self.quality[1] <= 95:
            raise ValueError(f"expected quality as low <= high in 1 .. 95, got {self.quality}")

    def is_bent(self, number: int) -> bool:
        """Whether receipt `number` of a split is bent: evenly spread, so that small splits have their fraction."""
        # The small term keeps 20 * 0.15 from being 2.9999.
        return int((number + 1) * self.curved + 1e-9) > int(number * self.curved + 1e-9)

    def files(self) -> list[str]:
        """All files but the manifest, relative to the data root."""
        images = [f"images/{split}/{self.name(split, number)}" for split, number in self.images()]
        return images + [f"jsons/{split}.json" for split in SPLITS]

    def images(self) -> list[tuple[str, int]]:
        """(split, number within it) of every image, in order."""
        pairs = zip(SPLITS, self.counts, strict=True)
        return [(split, number) for split, count in pairs for number in range(count)]

    def name(self, split: str, number: int) -> str:
        """The file name of image `number` of a split."""
        return f"{self.prefix}{split}_{number:04d}.jpg"

    def index(self, split: str, number: int) -> int:
        """The number of an image among those of all splits, however many there are."""
        return number * len(SPLITS) + SPLITS.index(split)


def write_dataset(
    output: Path,
    plan: DatasetPlan,
    *,
    draw: Draw | None = None,
    overwrite: bool = False,
    track: Track = silent,
) -> None:
    """Write images, annotations and the manifest below `output`; each file whole or not at all.

    Args:
        output: folder, made where missing.
        plan: what to write.
        draw: (split, number) to an image and its JPEG quality; None draws receipts.
        overwrite: replace what an earlier call wrote, and remove those of its files that the plan lacks. Other files
            stay as they are.
        track: shows the images as they are drawn.

    Raises:
        FileExistsError: if `output` holds files and `overwrite` is false, or a file to write is not the generator's.
    """
    draw = draw or partial(_draw_receipt, plan)
    manifest = Manifest(output, vars(plan))
    planned, images = plan.files(), plan.images()
    stale = manifest.claim(planned, overwrite=overwrite)
    labels: dict[str, dict[str, object]] = {split: {} for split in SPLITS}
    for split, number in track(images, "images", len(images)):
        filename = plan.name(split, number)
        drawn, quality = draw(split, number)
        write_bytes_atomic(output / "images" / split / filename, encode_jpeg(drawn.image, quality))
        labels[split][filename] = annotation(drawn)
    for split in SPLITS:
        (output / "images" / split).mkdir(parents=True, exist_ok=True)
        content = json.dumps({"images": labels[split]}, ensure_ascii=False, separators=(",", ":"))
        write_text_atomic(output / "jsons" / f"{split}.json", content + "\n")
    for name in stale:
        (output / name).unlink(missing_ok=True)
    manifest.write(planned)


def annotation(drawn: GeneratedImage) -> dict[str, object]:
    """An image's entry of the annotation JSON; points are rounded to 0.1 px."""
    words = {}
    labels = zip(drawn.polygons, drawn.transcriptions, drawn.ignore, strict=True)
    for number, (polygon, text, hidden) in enumerate(labels, start=1):
        points = [[round(float(x), 1), round(float(y), 1)] for x, y in polygon]
        words[f"{number:04d}"] = {"points": points, "transcription": text, "illegibility": hidden}
    height, width = drawn.image.shape[:2]
    return {"img_w": width, "img_h": height, "words": words}


def encode_jpeg(image: npt.NDArray[np.uint8], quality: int) -> bytes:
    """JPEG bytes of `image` (H, W, 3) uint8 RGB, colour at half the resolution."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality, optimize=True, progressive=True, subsampling="4:2:0")
    return buffer.getvalue()


def _draw_receipt(plan: DatasetPlan, split: str, number: int) -> tuple[GeneratedImage, int]:
    """A receipt and its JPEG quality."""
    index = plan.index(split, number)
    rng = np.random.default_rng([plan.seed, index, 99])
    quality = int(rng.integers(plan.quality[0], plan.quality[1] + 1))
    bend = float(rng.uniform(0.3, 1.0))
    curve = bend if plan.is_bent(number) else 0.0
    return generate_receipt(plan.seed, index, curve=curve, unit=plan.unit), quality
