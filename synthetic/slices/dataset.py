"""A data set of generated slices: its plan, a folder per class, a table of the defects and a note on what they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.claims import Manifest
from baseline_code.files.csv_file import write_csv
from baseline_code.images.encoding import encode_png
from baseline_code.tracking import Track, silent
from synthetic.slices.render import DEFECT_KINDS, MIN_SIZE, DefectKind, generate_slice

SPLITS = ("train", "val", "test")
CLASSES = ("normal", "defect")
TABLE = "slices.csv"
NOTE = "README.md"
COLUMNS = ("file", "split", "class", "defect", "left", "top", "right", "bottom", "cell")

_NOTE = """# Generated slices of battery cells

**Not real data.** {count} drawings of {size} x {size} pixels that look like CT cross sections of battery cells, made by
`python runners/generate_slices.py` with seed {seed} and defects {growth:g} times as large as the generator's default.
Scores on them say nothing about real cells.

    {{train,val,test}}/{{normal,defect}}/NNNNN.png   8-bit grey
    {table}   per slice: its class, the kind of defect (crack, inclusion, deformation) and its box in pixels, and the
                 kind of cell (cylinder, prismatic, pouch); right and bottom do not belong to the box

Every slice follows from the seed and its number; `synthetic/slices/README.md` of the project says what is drawn.
"""


class PlannedSlice(NamedTuple):
    """One slice: where it goes and what it shows."""

    split: str
    seeded: int  # its number among all slices of the seed
    class_name: str  # and its folder's
    defect: DefectKind | None
    file: str  # relative to the data root


@dataclass(frozen=True)
class SlicesPlan:
    """What to generate; slice `i` of a split is the same however many there are, and no two splits have one in common.

    Args:
        seed: of all slices, >= 0.
        counts: slices of train, val and test.
        size: their side in pixels, at least 64.
        defects: fraction with a defect, in [0, 1], spread evenly; the kinds of defects take turns.
        growth: draws defects so many times as large, from 0.5 to 4.

    Raises:
        ValueError: if a value is out of its range.
    """

    seed: int
    counts: tuple[int, int, int]
    size: int = 512
    defects: float = 0.5
    growth: float = 1.0

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"expected seed >= 0, got {self.seed}")
        if min(self.counts) < 0:
            raise ValueError(f"expected train, val and test >= 0, got {self.counts}")
        if self.size < MIN_SIZE:
            raise ValueError(f"expected size >= {MIN_SIZE}, got {self.size}")
        if not 0 <= self.defects <= 1:
            raise ValueError(f"expected defects in [0, 1], got {self.defects}")
        if not 0.5 <= self.growth <= 4:
            raise ValueError(f"expected growth of defects in [0.5, 4], got {self.growth}")

    def slices(self) -> list[PlannedSlice]:
        """All slices in order."""
        return [
            self._slice(split, place, number)
            for place, (split, count) in enumerate(zip(SPLITS, self.counts, strict=True))
            for number in range(count)
        ]

    def _slice(self, split: str, place: int, number: int) -> PlannedSlice:
        before, until = (int(count * self.defects + 1e-9) for count in (number, number + 1))  # 20 * 0.15 is 2.9999
        defect = DEFECT_KINDS[before % len(DEFECT_KINDS)] if until > before else None
        class_name = CLASSES[0] if defect is None else CLASSES[1]
        file = f"{split}/{class_name}/{number:05d}.png"
        return PlannedSlice(split, number * len(SPLITS) + place, class_name, defect, file)


def write_slices(output: Path, plan: SlicesPlan, *, overwrite: bool = False, track: Track = silent) -> None:
    """Writes slices, table, note and manifest below `output`.

    Args:
        output: folder, made where missing.
        plan: what to write.
        overwrite: replace what an earlier call wrote, and remove those of its files that the plan lacks. Other files
            stay as they are.
        track: shows the slices as they are drawn.

    Raises:
        FileExistsError: if `output` holds files and `overwrite` is false, or a file to write is not the generator's.
    """
    slices = plan.slices()
    manifest = Manifest(output, vars(plan))
    files = [planned.file for planned in slices] + [TABLE, NOTE]
    stale = manifest.claim(files, overwrite=overwrite)
    rows: list[tuple[object, ...]] = [COLUMNS]
    for planned in track(slices, "slices", len(slices)):
        drawn = generate_slice(plan.seed, planned.seeded, size=plan.size, defect=planned.defect, growth=plan.growth)
        path = output / planned.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_png(drawn.image, compression=4))
        box = drawn.box or ("", "", "", "")
        rows.append((planned.file, planned.split, planned.class_name, planned.defect or "", *box, drawn.cell))
    write_csv(output / TABLE, rows)
    note = _NOTE.format(count=len(slices), size=plan.size, seed=plan.seed, growth=plan.growth, table=TABLE)
    write_text_atomic(output / NOTE, note)
    for name in stale:
        (output / name).unlink(missing_ok=True)
    manifest.write(files)
