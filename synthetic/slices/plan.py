"""Which slices a data set of generated slices has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from synthetic.slices.render import DEFECT_KINDS, MIN_SIZE, DefectKind

SPLITS = ("train", "val", "test")
CLASSES = ("normal", "defect")


class PlannedSlice(NamedTuple):
    """One slice: where it goes and what it shows."""

    split: str
    seeded: int  # its number among all slices of the seed
    defect: DefectKind | None
    file: str  # relative to the data root

    @property
    def class_name(self) -> str:
        """Name of its class, and of its folder."""
        return CLASSES[0] if self.defect is None else CLASSES[1]


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
        folder = CLASSES[0] if defect is None else CLASSES[1]
        return PlannedSlice(split, number * len(SPLITS) + place, defect, f"{split}/{folder}/{number:05d}.png")
