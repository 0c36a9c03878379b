"""Groups of images that may not be parted: joined by pairs, or by keys that a user gives."""

from __future__ import annotations

import csv
import re
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

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
    ends = np.array(list(pairs), np.int64).reshape(-1, 2).T
    graph = sparse.coo_array((np.ones(ends.shape[1]), tuple(ends)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    groups: dict[int, list[int]] = {}
    for index, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(index)
    return list(groups.values())


def read_group_keys(rule: str, filenames: Sequence[str]) -> list[str]:
    r"""The group that each image belongs to.

    Args:
        rule: a CSV file with the columns `filename` and `group`, or a regular expression that is searched for in each
            file name; its first bracket is the key, or all that matches (`^(\w+)_` groups by the part before the last
            underline).
        filenames: of the images.

    Raises:
        ValueError: if the rule is neither, or says nothing of an image.
    """
    groups = _read_table(Path(rule)) if rule.lower().endswith(".csv") else _search(rule, filenames)
    unknown = [name for name in filenames if name not in groups]
    if unknown:
        raise ValueError(
            f"expected a group for each image by group={rule}, got none for {len(unknown)} of "
            f"{len(filenames)}, such as {', '.join(unknown[:5])}"
        )
    return [groups[name] for name in filenames]


def _search(rule: str, filenames: Sequence[str]) -> dict[str, str]:
    try:
        pattern = re.compile(rule)
    except re.error as error:
        raise ValueError(f"expected group to be a regular expression or a .csv, got {rule!r}: {error}") from error
    matches = {name: pattern.search(name) for name in filenames}
    return {name: str(match[min(pattern.groups, 1)]) for name, match in matches.items() if match}


def _read_table(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise ValueError(f"expected a table of groups at group={path}, found no file there")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if not {"filename", "group"} <= set(rows.fieldnames or ()):
            raise ValueError(f"{path}: expected the columns filename and group, got {rows.fieldnames}")
        return {row["filename"]: row["group"] for row in rows}
