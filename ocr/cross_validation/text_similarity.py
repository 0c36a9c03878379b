"""Images that say the same: likeness of their transcriptions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

MIN_WORDS = 10
"""Images with fewer words are compared by their pixels only: a title and a price are no evidence."""

_WORD = re.compile(r"\w+")
_ROWS = 512  # images compared with all others at a time

Words = frozenset[tuple[str, int]]
"""The words of an image, each with its number of occurrence, so that a set counts repetitions."""


def words_of(transcriptions: Iterable[str]) -> Words:
    """The words of an image, whatever their order, their case and how they are parted into lines."""
    counts = Counter(word for text in transcriptions for word in _WORD.findall(text.casefold()))
    return frozenset((word, number) for word, count in counts.items() for number in range(count))


def similar_pairs(images: Sequence[Words], similarity: float) -> list[tuple[int, int]]:
    """Pairs (i, j), i < j, of images with so large a part of their words in common.

    The measure is the Jaccard index of the words with their repetitions: shared / all of both. Images with fewer
    than 10 words are in no pair.

    Args:
        images: words of each.
        similarity: least fraction, in (0, 1].

    Raises:
        ValueError: if `similarity` is outside (0, 1].
    """
    if not 0 < similarity <= 1:
        raise ValueError(f"expected a text similarity in (0, 1], got {similarity}")
    compared = [index for index, words in enumerate(images) if len(words) >= MIN_WORDS]
    occurrences = _occurrences([images[index] for index in compared])
    sizes = np.asarray(occurrences.sum(axis=1)).ravel()
    found = []
    for start in range(0, len(compared), _ROWS):
        rows = occurrences[start : start + _ROWS]
        shared = (rows @ occurrences.T).toarray()
        united = sizes[start : start + _ROWS, None] + sizes[None] - shared
        for i, j in np.argwhere(shared >= similarity * united - 1e-9).tolist():
            if start + i < j:
                found.append((compared[start + i], compared[j]))
    return found


def _occurrences(images: Sequence[Words]) -> sparse.csr_matrix:
    """(N, V) int32: 1 where image n has word v."""
    columns: dict[tuple[str, int], int] = {}
    indices = [columns.setdefault(word, len(columns)) for words in images for word in words]
    starts = np.concatenate([[0], np.cumsum([len(words) for words in images], dtype=np.int64)])
    return sparse.csr_matrix(
        (np.ones(len(indices), np.int32), np.array(indices, np.int64), starts), shape=(len(images), len(columns))
    )
