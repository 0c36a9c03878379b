"""Images that a data set holds more than once: the same bytes, or nearly the same look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from baseline_code.files.duplicates import FileContent
from baseline_code.files.names import same_name
from baseline_code.images.perceptual_hash import near_pairs
from ocr.annotations.faults import Fault, Place
from ocr.cross_validation.groups import pairs_of_equal
from ocr.data_report.findings import Finding
from ocr.data_report.splits import InspectedSplit, ScannedImage


class _Member(NamedTuple):
    split: InspectedSplit
    filename: str
    image: ScannedImage


def find_duplicates(splits: Sequence[InspectedSplit], hash_distance: int) -> list[Finding]:
    """Leaks, duplicates and namesakes, each image once for each kind, in the later split of the two.

    Args:
        splits: of the data set.
        hash_distance: bits of 255 that may differ between perceptual hashes of images that look alike.
    """
    members = [
        _Member(split, annotation.filename, image)
        for split in splits
        for annotation, image in zip(split.annotations, split.images, strict=True)
    ]
    if not members:
        return []
    equal = pairs_of_equal(_content_keys(members))
    alike = near_pairs(np.stack([member.image.hash for member in members]), hash_distance)
    named = pairs_of_equal([same_name(member.filename) for member in members])
    found: dict[tuple[str, str], list[Fault]] = {}
    seen: set[tuple[int, bool]] = set()
    for inside, across, pairs in (
        ("duplicate", "leak", equal),
        ("near_duplicate", "near_leak", alike),
        (None, "namesake", named),
    ):
        for first, second in pairs:
            one, other = members[first], members[second]
            crosses = one.split.role != other.split.role
            kind = across if crosses else inside
            if kind is not None and (second, crosses) not in seen:
                seen.add((second, crosses))
                name = one.filename if one.split.name == other.split.name else f"{one.split.name}: {one.filename}"
                found.setdefault((kind, other.split.name), []).append(Fault(Place(other.filename), f"as {name}"))
    return [Finding(kind, split, places) for (kind, split), places in found.items()]


def _content_keys(members: Sequence[_Member]) -> list[bytes | int]:
    """Equal for equal bytes; only files of equal length are read."""
    contents = [FileContent(member.image.path) for member in members]
    lengths = Counter(content.quick_key for content in contents)
    return [content.digest if lengths[content.quick_key] > 1 else index for index, content in enumerate(contents)]
