"""Groups of images that may not be parted."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

Pair = tuple[int, int]


def pairs_of_equal(keys: Sequence[Hashable]) -> list[Pair]:
    """Pairs that join all positions with equal keys."""
    first: dict[Hashable, int] = {}
    joined = ((first.setdefault(key, index), index) for index, key in enumerate(keys))
    return [(earlier, index) for earlier, index in joined if earlier < index]


def join_groups(count: int, pairs: Iterable[Pair]) -> list[list[int]]:
    """The groups that pairs join, also through others.

    Args:
        count: N positions 0..N-1.
        pairs: positions that belong together.

    Returns:
        Every position in one group; groups by their first position, sorted inside.
    """
    parent = list(range(count))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    groups: dict[int, list[int]] = {}
    for index in range(count):
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())
