"""Why words of one image were missed and detections are false, by the matches of the IoU metric.

Of a word and a detection, `covers` means that more than half of the word lies in the detection, `inside` that more
than half of the detection lies in the word, and `touches` that more than a quarter of one of the two lies in the
other. A detection is *free* if it counts and has no match. It *merges* if it covers a readable word, and besides covers
another word, readable or ignored, or is inside an ignored one (and then does not count).

A missed word is the first of these that holds:

- merged: a detection that merges covers it;
- split: two free detections or more, none of which merges, are inside it and have more than half of it together;
- loose: a free detection that does not merge touches it: the one of the highest IoU, which is at most 0.5;
- none: no detection of its own.

A false detection, one that counts and has no match, is the first of these that holds:

- merged: it merges;
- split: it is a part of a split word;
- loose: it is the one that a loose word was found by;
- ignored: it touches an ignored word, and no readable one, or at least as much of it lies in ignored words;
- piece: it touches a readable word, which was found otherwise;
- background: it touches no word.

Each missed word and each false detection has one kind, so the counts add up to those of the metric. Other than a missed
word, which always needs a detection, a false one may merge, or be a piece, of words that were all found by others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from ocr.error_analysis.word_frame import Sides, label_frame
from ocr.geometry.packed import BoolArray, FloatArray, IntArray
from ocr.geometry.polygons import Polygon
from ocr.metrics.iou import IoUMatching, match_words
from ocr.metrics.scorable import Flags, scorable_numbers

Kind = Literal["none", "merged", "split", "loose", "piece", "ignored", "background"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MISSED_KINDS: tuple[Kind, ...] = ("none", "merged", "split", "loose")
FALSE_KINDS: tuple[Kind, ...] = ("merged", "split", "loose", "piece", "ignored", "background")

COVERED = 0.5
TOUCHED = 0.25


class Bias(NamedTuple):
    """How far a detection goes beyond each side of its word; negative where it falls short."""

    px: Sides
    heights: Sides  # fractions of the word's height


class MissedWord(NamedTuple):
    """A readable word without a match."""

    word: int  # its number among the ground truths
    kind: Kind  # of MISSED_KINDS
    detections: tuple[int, ...] = ()  # those that merge it, its parts, or the loose one
    words: tuple[int, ...] = ()  # what it is merged with
    bias: Bias | None = None  # of the loose one


class FalseDetection(NamedTuple):
    """A detection that counts and has no match."""

    detection: int  # its number among the detections
    kind: Kind  # of FALSE_KINDS
    words: tuple[int, ...] = ()  # the words that make it one of its kind


class ImageErrors(NamedTuple):
    """All errors of one image, and what is none; numbers are places in the lists that were given."""

    missed: tuple[MissedWord, ...]
    false: tuple[FalseDetection, ...]
    matched: tuple[tuple[int, int], ...]  # a word and its detection
    rejected: tuple[int, ...]  # detections that count on neither side


def find_errors(ground_truth: Sequence[Polygon], ignore: Flags, detections: Sequence[Polygon]) -> ImageErrors:
    """Name the kind of each missed word and each false detection of one image.

    Args:
        ground_truth: N polygons (K, 2), px; those with fewer than four points are skipped, as the metric does.
        ignore: (N,) flags.
        detections: M polygons (K, 2), px, best first.

    Raises:
        ValueError: as `match_words`.
    """
    found = _ImageKinds(match_words(ground_truth, ignore, detections))
    words, numbers = scorable_numbers(ground_truth), scorable_numbers(detections)
    missed = [
        MissedWord(
            int(words[word]),
            kind,
            _picked(numbers, causes),
            _picked(words, partners),
            measure_bias(ground_truth[words[word]], detections[numbers[causes[0]]]) if kind == "loose" else None,
        )
        for word, kind, causes, partners in found.missed_words()
    ]
    false = [
        FalseDetection(int(numbers[one]), kind, _picked(words, touched))
        for one, kind, touched in found.false_detections()
    ]
    matched = [(int(words[word]), int(numbers[one])) for word, one in np.argwhere(found.matched)]
    return ImageErrors(tuple(missed), tuple(false), tuple(matched), _picked(numbers, np.flatnonzero(found.rejected)))


def measure_bias(word: Polygon, detection: Polygon) -> Bias:
    """The bias of a word's detection, both (K, 2), px; fractions of 0 where the word has no height."""
    frame = label_frame(word)
    px = frame.bias(detection)
    return Bias(px, Sides(*(side / frame.height if frame.height else 0.0 for side in px)))


class _ImageKinds:
    """The definitions, on (N, M) tables of words and detections."""

    def __init__(self, matching: IoUMatching) -> None:
        overlaps, self.rejected, self.matched = matching.overlaps, matching.rejected, matching.matched
        self.iou: FloatArray = overlaps.iou
        self.of_word, self.of_detection = overlaps.of_first, overlaps.of_second
        self.ignored, self.readable = matching.ignored, ~matching.ignored
        self.covers = self.of_word > COVERED
        self.inside = self.of_detection > COVERED
        self.touches = (self.of_word > TOUCHED) | (self.of_detection > TOUCHED)
        self.free = ~self.rejected & ~self.matched.any(axis=0)
        self.missed = self.readable & ~self.matched.any(axis=1)
        self.held = self.covers | (self.inside & self.ignored[:, None])
        self.merges = self.covers[self.readable].any(axis=0) & (self.held.sum(axis=0) > 1)
        own = self.free & ~self.merges
        self.merged = self.missed[:, None] & self.covers & self.merges
        self.parts = self._parts(own)
        self.loose = self._loose(own)

    def missed_words(self) -> list[tuple[int, Kind, IntArray, IntArray]]:
        """Number, kind, detections, and words that it is merged with."""
        return [(word, *self._explain(word)) for word in np.flatnonzero(self.missed).tolist()]

    def false_detections(self) -> list[tuple[int, Kind, IntArray]]:
        """Number, kind and words."""
        return [(one, *self._explain_false(one)) for one in np.flatnonzero(self.free).tolist()]

    def _parts(self, own: BoolArray) -> BoolArray:
        """(N, M) split words and their parts."""
        parts = self.inside & own & (self.missed & ~self.merged.any(axis=1))[:, None]
        together = np.where(parts, self.of_word, 0.0).sum(axis=1)
        return np.asarray(parts & ((parts.sum(axis=1) > 1) & (together > COVERED))[:, None], dtype=np.bool_)

    def _loose(self, own: BoolArray) -> BoolArray:
        """(N, M) loose words, each with its detection."""
        rest = self.missed & ~self.merged.any(axis=1) & ~self.parts.any(axis=1)
        ious = np.where(self.touches & own & rest[:, None], self.iou, 0.0)
        loose = np.zeros_like(self.touches)
        for word in np.flatnonzero(ious.any(axis=1)):
            loose[word, ious[word].argmax()] = True
        return loose

    def _explain(self, word: int) -> tuple[Kind, IntArray, IntArray]:
        nothing = np.empty(0, np.int64)
        if self.merged[word].any():
            causes = np.flatnonzero(self.merged[word])
            partners = np.flatnonzero(self.held[:, causes].any(axis=1))
            return "merged", causes, partners[partners != word]
        if self.parts[word].any():
            return "split", np.flatnonzero(self.parts[word]), nothing
        if self.loose[word].any():
            return "loose", np.flatnonzero(self.loose[word]), nothing
        return "none", nothing, nothing

    def _explain_false(self, one: int) -> tuple[Kind, IntArray]:
        if self.merges[one]:
            return "merged", np.flatnonzero(self.held[:, one])
        if self.parts[:, one].any():
            return "split", np.flatnonzero(self.parts[:, one])
        if self.loose[:, one].any():
            return "loose", np.flatnonzero(self.loose[:, one])
        touched, within = self.touches[:, one], self.of_detection[:, one]
        ignored, readable = np.flatnonzero(touched & self.ignored), np.flatnonzero(touched & self.readable)
        if len(ignored) and (not len(readable) or within[self.ignored].sum() >= within[self.readable].sum()):
            return "ignored", ignored
        return ("piece" if len(readable) else "background"), readable


def _picked(numbers: IntArray, places: IntArray) -> tuple[int, ...]:
    return tuple(numbers[places].tolist())
