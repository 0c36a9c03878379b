"""The errors of a data set: how many of each kind, where, and what each kind costs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ocr.annotations.words import ImageAnnotation
from ocr.error_analysis.breakdown import Breakdown, Slice, ordered, slice_names
from ocr.error_analysis.kinds import (
    FALSE_KINDS,
    KINDS,
    MISSED_KINDS,
    Bias,
    ImageErrors,
    Kind,
    MissedWord,
    find_errors,
    measure_bias,
)
from ocr.error_analysis.repairs import has_kind, repair
from ocr.error_analysis.word_frame import Sides, detection_frame, label_frame
from ocr.geometry.polygons import Polygon
from ocr.metrics import EvaluationResult, Evaluator


class Hmeans(NamedTuple):
    """H of both metrics over a data set, in [0, 1]."""

    cleval: float
    iou: float


class MedianBias(NamedTuple):
    """The median bias of each side, over so many words."""

    words: int
    px: Sides
    heights: Sides

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"words": self.words, "px": self.px._asdict(), "heights": self.heights._asdict()}


@dataclass(frozen=True)
class ErrorAnalysis:
    """What is wrong in a data set; `kinds` has the definitions.

    Attributes:
        words: readable ones.
        detections: those that count in the IoU metric.
        missed: words without a match, by kind.
        false: detections that count and have no match, by kind.
        hmeans: as they are.
        solved: as they would be if only this kind were solved; kinds that occur.
        bias: of `loose` and of `matched` words, where there are any.
        breakdown: the same counts by traits.
        images: the errors of each image, by file name.
        word_ids: the words' keys in the label file, by file name.
    """

    words: int
    detections: int
    missed: Mapping[Kind, int]
    false: Mapping[Kind, int]
    hmeans: Hmeans
    solved: Mapping[Kind, Hmeans]
    bias: Mapping[str, MedianBias]
    breakdown: Breakdown
    images: Mapping[str, ImageErrors]
    word_ids: Mapping[str, Sequence[str]]

    @property
    def first(self) -> dict[str, Kind]:
        """For each metric, `cleval` and `iou`, the kind whose solving gains most; none where no kind gains."""
        best = {}
        for metric, before in self.hmeans._asdict().items():
            gains = {kind: getattr(solved, metric) - before for kind, solved in self.solved.items()}
            if max(gains.values(), default=0.0) > 0:
                best[metric] = max(gains, key=gains.__getitem__)
        return best

    def to_dict(self) -> dict[str, Any]:
        """For JSON; words by their keys in the label file, detections by their rank from 1."""
        return {
            "words": self.words,
            "detections": self.detections,
            "missed": dict(self.missed),
            "false": dict(self.false),
            "hmean": self.hmeans._asdict(),
            "hmean_if_solved": {kind: solved._asdict() for kind, solved in self.solved.items()},
            "try_first": self.first,
            "bias": {name: bias.to_dict() for name, bias in self.bias.items()},
            "by": {
                trait: {name: one.to_dict() for name, one in slices.items()} for trait, slices in self.breakdown.items()
            },
            "images": {name: _image_dict(errors, self.word_ids[name]) for name, errors in self.images.items()},
        }


def analyse_errors(
    annotations: Iterable[ImageAnnotation],
    detections: Mapping[str, Sequence[Polygon]],
    scores: EvaluationResult,
    splits: Mapping[str, str] | None = None,
) -> ErrorAnalysis:
    """Explain the scores of a data set.

    Args:
        annotations: labels of its images. Where one has no size, its polygons' extent stands for it.
        detections: polygons (K, 2), px, best first, by file name; an image that is missing has none.
        scores: of these detections, which are not computed again.
        splits: the split or fold of each image, by file name; None: there is one only.
    """
    labels = {annotation.filename: annotation for annotation in annotations}
    found = {name: detections.get(name, ()) for name in labels}
    splits = splits or {}
    images: dict[str, ImageErrors] = {}
    slices: dict[tuple[str, str], Slice] = defaultdict(Slice)
    matched: list[Bias] = []
    for name, label in labels.items():
        errors = images[name] = find_errors(label.polygons, label.ignore, found[name])
        _add_to_slices(slices, label, found[name], errors, splits.get(name, ""))
        matched += [measure_bias(label.polygons[word], found[name][one]) for word, one in errors.matched]
    loose = [one.bias for errors in images.values() for one in errors.missed if one.bias is not None]
    missed = Counter(one.kind for errors in images.values() for one in errors.missed)
    false = Counter(one.kind for errors in images.values() for one in errors.false)
    ious = [scores.images[name].iou for name in labels]
    return ErrorAnalysis(
        words=sum(iou.ground_truths for iou in ious),
        detections=sum(iou.detections for iou in ious),
        missed={kind: missed[kind] for kind in MISSED_KINDS},
        false={kind: false[kind] for kind in FALSE_KINDS},
        hmeans=_hmeans(scores),
        solved={kind: _solve(kind, labels, found, scores, images) for kind in KINDS if missed[kind] or false[kind]},
        bias={name: _median(biases) for name, biases in (("loose", loose), ("matched", matched)) if biases},
        breakdown=ordered(slices, dict.fromkeys(splits.values())),
        images=images,
        word_ids={name: [word.id for word in label.words] for name, label in labels.items()},
    )


def _hmeans(scores: EvaluationResult) -> Hmeans:
    return Hmeans(scores.cleval.hmean, scores.iou.hmean)


def _solve(
    kind: Kind,
    labels: Mapping[str, ImageAnnotation],
    found: Mapping[str, Sequence[Polygon]],
    scores: EvaluationResult,
    images: Mapping[str, ImageErrors],
) -> Hmeans:
    """H with one kind of error repaired in all images."""
    evaluator = Evaluator()
    evaluator.merge(scores.images)
    for name, errors in images.items():
        if has_kind(errors, kind):
            label = labels[name]
            evaluator.update(name, label.polygons, label.ignore, repair(label.polygons, found[name], errors, kind))
    return _hmeans(evaluator.compute())


def _add_to_slices(
    slices: dict[tuple[str, str], Slice],
    label: ImageAnnotation,
    found: Sequence[Polygon],
    errors: ImageErrors,
    split: str,
) -> None:
    missed = {one.word: one.kind for one in errors.missed}
    false = {one.detection: one.kind for one in errors.false}
    polygons = [*label.polygons, *found]
    size = label.size or _extent(polygons)
    for word in (*missed, *(word for word, _ in errors.matched)):
        polygon = label.polygons[word]
        for key in slice_names(label_frame(polygon), polygon, size, split).items():
            slices[key].words += 1
            slices[key].missed.update([missed[word]] if word in missed else [])
    for one in (*false, *(one for _, one in errors.matched)):
        for key in slice_names(detection_frame(found[one]), found[one], size, split).items():
            slices[key].detections += 1
            slices[key].false.update([false[one]] if one in false else [])


def _extent(polygons: Sequence[Polygon]) -> tuple[float, float]:
    """Width and height, px, of what holds all polygons, from (0, 0) on."""
    right, bottom = np.max([polygon.max(axis=0) for polygon in polygons], axis=0) if polygons else (0.0, 0.0)
    return float(right), float(bottom)


def _median(biases: Sequence[Bias]) -> MedianBias:
    px, heights = (np.median([getattr(bias, unit) for bias in biases], axis=0).tolist() for unit in Bias._fields)
    return MedianBias(len(biases), Sides(*px), Sides(*heights))


def _image_dict(errors: ImageErrors, ids: Sequence[str]) -> dict[str, Any]:
    return {
        "missed": [_missed_dict(one, ids) for one in errors.missed],
        "false": [
            {"detection": one.detection + 1, "kind": one.kind, "words": [ids[word] for word in one.words]}
            for one in errors.false
        ],
    }


def _missed_dict(one: MissedWord, ids: Sequence[str]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "word": ids[one.word],
        "kind": one.kind,
        "detections": [detection + 1 for detection in one.detections],
    }
    if one.words:
        content["merged_with"] = [ids[word] for word in one.words]
    if one.bias is not None:
        content["bias"] = {"px": one.bias.px._asdict(), "heights": one.bias.heights._asdict()}
    return content
