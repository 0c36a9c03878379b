"""Write a data set of generated receipts: pictures, annotation JSON and a manifest of what was written."""

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from ocr.receipts.render import GeneratedReceipt, generate_receipt

SPLITS = ("train", "val", "test")
MANIFEST = "generated.json"


@dataclass(frozen=True)
class DatasetPlan:
    """What to generate; receipt `i` of a split is the same however many there are, and no two splits share one.

    `counts` are the receipts of train, val and test. Of each split, the part `curved` lies bent, with 14-point
    polygons. `quality` is the range of the JPEG quality.
    """

    seed: int
    counts: tuple[int, int, int]
    curved: float = 0.15
    quality: tuple[int, int] = (27, 42)

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
        """Whether receipt `number` of a split lies bent: evenly spread, so that small splits have their share."""
        # The small term keeps 20 * 0.15 from being 2.9999.
        return int((number + 1) * self.curved + 1e-9) > int(number * self.curved + 1e-9)

    def files(self) -> list[str]:
        """All files but the manifest, relative to the data root."""
        pictures = [f"images/{split}/{split}_{number:04d}.jpg" for split, number in self.receipts()]
        return pictures + [f"jsons/{split}.json" for split in SPLITS]

    def receipts(self) -> list[tuple[str, int]]:
        """(split, number within it) of every receipt, in order."""
        pairs = zip(SPLITS, self.counts, strict=True)
        return [(split, number) for split, count in pairs for number in range(count)]


def write_dataset(
    output: Path, plan: DatasetPlan, *, overwrite: bool = False, on_receipt: Callable[[], None] = lambda: None
) -> None:
    """Write pictures, annotations and the manifest below `output`; each file whole or not at all.

    Args:
        output: folder, made where missing.
        plan: what to write.
        overwrite: replace what an earlier call wrote, and remove those of its files that the plan lacks. Other files
            stay as they are.
        on_receipt: called after each receipt.

    Raises:
        FileExistsError: if `output` holds files and `overwrite` is false, or a file to write is not the generator's.
    """
    ours = _claim(output, plan, overwrite=overwrite)
    manifest = {"seed": plan.seed, "counts": plan.counts, "curved": plan.curved, "quality": plan.quality}
    planned = plan.files()
    # The manifest names a file before it is there, so that a stopped run can be overwritten.
    _write_json(output / MANIFEST, {**manifest, "files": sorted(ours.union(planned))})
    labels: dict[str, dict[str, object]] = {split: {} for split in SPLITS}
    for split, number in plan.receipts():
        filename = f"{split}_{number:04d}.jpg"
        receipt, quality = _draw(plan, split, number)
        _write_whole(output / "images" / split / filename, encode_jpeg(receipt.image, quality))
        labels[split][filename] = annotation(receipt)
        on_receipt()
    for split in SPLITS:
        (output / "images" / split).mkdir(parents=True, exist_ok=True)
        _write_json(output / "jsons" / f"{split}.json", {"images": labels[split]})
    for stale in ours.difference(planned):
        (output / stale).unlink(missing_ok=True)
    _write_json(output / MANIFEST, {**manifest, "files": sorted(planned)})


def annotation(receipt: GeneratedReceipt) -> dict[str, object]:
    """A receipt's entry of the annotation JSON; points are rounded to 0.1 px."""
    words = {}
    labels = zip(receipt.polygons, receipt.transcriptions, receipt.ignore, strict=True)
    for number, (polygon, text, hidden) in enumerate(labels, start=1):
        points = [[round(float(x), 1), round(float(y), 1)] for x, y in polygon]
        words[f"{number:04d}"] = {"points": points, "transcription": text, "illegibility": hidden}
    height, width = receipt.image.shape[:2]
    return {"img_w": width, "img_h": height, "words": words}


def encode_jpeg(image: npt.NDArray[np.uint8], quality: int) -> bytes:
    """JPEG bytes of `image` (H, W, 3) uint8 RGB, colour at half the resolution."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality, optimize=True, progressive=True, subsampling="4:2:0")
    return buffer.getvalue()


def _draw(plan: DatasetPlan, split: str, number: int) -> tuple[GeneratedReceipt, int]:
    """A receipt and its JPEG quality."""
    index = number * len(SPLITS) + SPLITS.index(split)
    rng = np.random.default_rng([plan.seed, index, 99])
    quality = int(rng.integers(plan.quality[0], plan.quality[1] + 1))
    bend = float(rng.uniform(0.3, 1.0))
    return generate_receipt(plan.seed, index, curve=bend if plan.is_bent(number) else 0.0), quality


def _claim(output: Path, plan: DatasetPlan, *, overwrite: bool) -> set[str]:
    """The files that an earlier call wrote, after checking that nothing of others would be lost."""
    if output.exists() and not output.is_dir():
        raise FileExistsError(f"expected {output} to be a folder, got a file; choose another output")
    if not output.exists() or not any(output.iterdir()):
        return set()
    if not overwrite:
        raise FileExistsError(
            f"expected {output} to be empty or missing, got files; pass overwrite=true or another output"
        )
    ours = _manifest_files(output / MANIFEST)
    foreign = [name for name in plan.files() if name not in ours and (output / name).exists()]
    if foreign:
        raise FileExistsError(
            f"expected only generated files in the way, got {output / foreign[0]}; move it or choose another output"
        )
    return ours


def _manifest_files(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    try:
        files = [name.split("/") for name in json.loads(path.read_text(encoding="utf-8"))["files"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileExistsError(
            f"expected a manifest of generated files, got {path}; move it or choose another output"
        ) from error
    # A manifest edited by hand must not lead outside the data root.
    return {"/".join(parts) for parts in files if parts[0] in ("images", "jsons") and ".." not in parts}


def _write_json(path: Path, value: object) -> None:
    _write_whole(path, (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode())


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a stopped run leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
