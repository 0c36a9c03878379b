"""All that is known of a data set, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baseline_code.tracking import Track
from ocr.annotations.faults import Fault, Place
from ocr.annotations.words import ImageAnnotation
from ocr.data_report.advice import SizeAdvice, advise_size
from ocr.data_report.differences import find_differences
from ocr.data_report.duplicates import find_duplicates
from ocr.data_report.findings import SEVERITIES, Finding, Severity, sort_findings
from ocr.data_report.label_errors import Suspect
from ocr.data_report.splits import InspectedSplit, ScannedImage, find_splits, inspect_split
from ocr.data_report.word_shapes import WordShapes, measure_words
from ocr.datasets.word_counts import count_words
from ocr.metrics.ceiling import Ceiling, find_ceiling
from ocr.postprocess import DBPostProcess
from ocr.transforms.geometric import Letterbox

CEILING_IMAGES = 100
LEAST_CEILING = 0.99
"""CLEval H that a perfect network should reach."""


@dataclass(frozen=True)
class Use:
    """What the data are for.

    Attributes:
        train: name of the split to train on.
        val: name of the split to validate on.
        also: more folders whose split of that name is trained on (`datasets.train.also`).
        letterbox: how the network sees images.
        postprocess: how its maps are read.
        hash_distance: bits of 255 that may differ between perceptual hashes of images that look alike.
    """

    train: str
    val: str
    also: Sequence[Path]
    letterbox: Letterbox
    postprocess: DBPostProcess
    hash_distance: int


@dataclass(frozen=True)
class DataReport:
    """A data set's splits, and what is wrong with them.

    Attributes:
        root: folder of the data.
        letterbox: how the network sees images.
        splits: in their order.
        shapes: words of each split.
        findings: errors first.
        advice: of the training split; None where it has no readable word.
        ceiling: of the validation split; None likewise.
        suspects: likely label errors, most suspicious first; None where no maps were given.
    """

    root: Path
    letterbox: Letterbox
    splits: Sequence[InspectedSplit]
    shapes: Mapping[str, WordShapes]
    findings: Sequence[Finding]
    advice: SizeAdvice | None
    ceiling: Ceiling | None
    suspects: Sequence[Suspect] | None = None

    def count(self, severity: Severity) -> int:
        """How many kinds of findings are so bad, each split for itself."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def labelled_images(self) -> dict[str, tuple[ImageAnnotation, ScannedImage]]:
        """Labels and images by file name; of several splits with one name the first split's."""
        found: dict[str, tuple[ImageAnnotation, ScannedImage]] = {}
        for split in self.splits:
            for annotation, image in zip(split.annotations, split.images, strict=True):
                found.setdefault(annotation.filename, (annotation, image))
        return found

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        overall = None if self.ceiling is None else self.ceiling.evaluation.to_dict()["overall"]
        return {
            "root": str(self.root),
            "img_size": self.letterbox.img_size,
            **{f"{severity}s": self.count(severity) for severity in SEVERITIES},
            "findings": [finding.to_dict() for finding in self.findings],
            "parts": {name: shapes.to_dict(self.letterbox) for name, shapes in self.shapes.items()},
            "advice": None if self.advice is None else self.advice._asdict(),
            "ceiling": overall,
            "label_errors": None if self.suspects is None else [suspect.to_dict() for suspect in self.suspects],
        }


def inspect_data(root: Path, use: Use, *, splits: Sequence[str] | None, track: Track) -> DataReport:
    """Reads a data set whole, and collects what is wrong with it.

    Args:
        root: folder of the data.
        use: what they are for.
        splits: names of those to look at; None: all. With the training split come those of `use.also`.
        track: shows progress.

    Raises:
        ValueError: if there is no such split.
    """
    there = find_splits(root)
    unknown = [name for name in splits or () if name not in there]
    if unknown:
        raise ValueError(f"{root}: expected parts=[…] out of {', '.join(there)}, got {', '.join(unknown)}")
    also = dict.fromkeys(use.also) if use.train in (splits or there) else ()
    for folder in also:
        if use.train not in find_splits(folder):
            raise ValueError(f"{folder}: expected a split {use.train!r} (datasets.train.also), found none")
    max_words = use.postprocess.max_candidates
    inspected = [inspect_split(root, name, max_words=max_words, track=track) for name in splits or there]
    beside = [
        inspect_split(folder, use.train, max_words=max_words, track=track, title=f"{use.train} of {folder}")
        for folder in also
    ]
    inspected += beside
    shapes = {split.name: measure_words(split.annotations, split.sizes) for split in inspected}
    findings = [finding for split in inspected for finding in split.findings]
    findings += find_duplicates(inspected, use.hash_distance)
    if use.train in shapes:
        findings += find_differences(shapes, use.train, [split.name for split in beside])
    findings += [_find_untrainable(split, use) for split in inspected if split.role in (use.train, use.val)]
    readable = {
        split.name: split for split in inspected if split.is_measured_in_pixels and len(shapes[split.name].heights)
    }
    ceiling = _find_ceiling(readable[use.val], use) if use.val in readable else None
    findings += [] if ceiling is None else [_judge_ceiling(ceiling, use)]
    advice = advise_size(shapes[use.train], use.letterbox) if use.train in readable else None
    return DataReport(root, use.letterbox, inspected, shapes, sort_findings(findings), advice, ceiling)


def _find_untrainable(split: InspectedSplit, use: Use) -> Finding:
    """A training split of which no word trains, or a validation split without a readable word."""
    counts = count_words(
        zip(split.annotations, split.sizes, strict=True), use.letterbox, shrink_ratio=use.postprocess.shrink_ratio
    )
    is_useless = counts.trained == 0 if split.role == use.train else counts.words == counts.ignored
    faults = [Fault(Place(None), f"{counts} at {use.letterbox}")] if is_useless else []
    return Finding("untrainable", split.name, faults)


def _find_ceiling(split: InspectedSplit, use: Use) -> Ceiling:
    """The ceiling of a split, of 100 images from all over it at most."""
    step = -(-len(split.annotations) // CEILING_IMAGES)
    labels = list(zip(split.annotations, split.sizes, strict=True))[::step]
    return find_ceiling(labels, use.letterbox, use.postprocess)


def _judge_ceiling(ceiling: Ceiling, use: Use) -> Finding:
    cleval, iou = ceiling.evaluation.cleval.hmean, ceiling.evaluation.iou.hmean
    what = f"CLEval H {cleval:.4f}, IoU 0.5 H {iou:.4f} at {use.letterbox}"
    return Finding("ceiling", use.val, [Fault(Place(None), what)] if cleval < LEAST_CEILING else [])
