"""Members of an ensemble: of the same images, and each with a weight."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from baseline_code.files.names import same_name
from baseline_code.files.shown_text import listed
from ocr.probability_maps import MapCache


def check_same_names(reference: Path, expected: Collection[str], path: Path, names: Collection[str]) -> None:
    """Make sure that two members have the same images, in any order and any Unicode form of their names.

    Args:
        reference: the first member.
        expected: file names of its images.
        path: another member.
        names: file names of its images.

    Raises:
        ValueError: naming the member, and the images that it lacks or has beside those of the first.
    """
    known, wanted = set(map(same_name, names)), set(map(same_name, expected))
    lacking = [name for name in expected if same_name(name) not in known]
    extra = [name for name in names if same_name(name) not in wanted]
    if lacking or extra:
        raise ValueError(
            f"{path}: expected the images of {reference}, got {len(extra)} others ({listed(extra)}) and none of "
            f"{len(lacking)} ({listed(lacking)}); predict the same images= into both"
        )


def check_same_images(caches: Sequence[MapCache]) -> None:
    """Make sure that all caches are of the same files in the same order.

    Raises:
        ValueError: naming the images that one lacks or has in another place, or whose files were others.
    """
    first = caches[0]
    for other in caches[1:]:
        check_same_names(first.folder, first.image_sha256, other.folder, other.image_sha256)
        pairs = zip(first.filenames, other.filenames, strict=True)
        swapped = next((pair for pair in pairs if pair[0] != pair[1]), None)
        if swapped:
            raise ValueError(
                f"{other.folder}: expected the order of {first.folder} with {swapped[0]} where it has {swapped[1]}; "
                "predict the same images= into both"
            )
        digests = other.image_sha256
        changed = [name for name, digest in first.image_sha256.items() if digests[name] != digest]
        if changed:
            raise ValueError(
                f"{other.folder}: expected maps of the same files as {first.folder}, got {len(changed)} of other files "
                f"with the same name ({listed(changed)}); predict the maps of one of them again"
            )
