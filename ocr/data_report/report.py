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
from ocr.data_report.parts import InspectedPart, ScannedImage, find_parts, inspect_part
from ocr.data_report.word_shapes import WordShapes
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
        train: name of the part to train on.
        val: name of the part to validate on.
        also: more folders whose part of that name is trained on (`datasets.train.also`).
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
    """A data set's parts, and what is wrong with them.

    Attributes:
        root: folder of the data.
        letterbox: how the network sees images.
        parts: in their order.
        shapes: words of each part.
        findings: errors first.
        advice: of the training part; None where it has no readable word.
        ceiling: of the validation part; None likewise.
        suspects: likely label errors, most suspicious first; None where no maps were given.
    """

    root: Path
    letterbox: Letterbox
    parts: Sequence[InspectedPart]
    shapes: Mapping[str, WordShapes]
    findings: Sequence[Finding]
    advice: SizeAdvice | None
    ceiling: Ceiling | None
    suspects: Sequence[Suspect] | None = None

    def count(self, severity: Severity) -> int:
        """How many kinds of findings are so bad, each part for itself."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def labelled_images(self) -> dict[str, tuple[ImageAnnotation, ScannedImage]]:
        """Labels and images by file name; of several parts with one name the first part's."""
        pairs = ((one, image) for part in self.parts for one, image in zip(part.annotations, part.images, strict=True))
        found: dict[str, tuple[ImageAnnotation, ScannedImage]] = {}
        for annotation, image in pairs:
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


def inspect_data(root: Path, use: Use, *, parts: Sequence[str] | None, track: Track) -> DataReport:
    """Reads a data set whole, and collects what is wrong with it.

    Args:
        root: folder of the data.
        use: what they are for.
        parts: names of those to look at; None: all. With the training part come those of `use.also`.
        track: shows progress.

    Raises:
        ValueError: if there is no such part.
    """
    there = find_parts(root)
    unknown = [name for name in parts or () if name not in there]
    if unknown:
        raise ValueError(f"{root}: expected parts=[…] out of {', '.join(there)}, got {', '.join(unknown)}")
    also = dict.fromkeys(use.also) if use.train in (parts or there) else ()
    for folder in also:
        if use.train not in find_parts(folder):
            raise ValueError(f"{folder}: expected a part {use.train!r} (datasets.train.also), found none")
    max_words = use.postprocess.max_candidates
    inspected = [inspect_part(root, name, max_words=max_words, track=track) for name in parts or there]
    beside = [
        inspect_part(folder, use.train, max_words=max_words, track=track, title=f"{use.train} of {folder}")
        for folder in also
    ]
    inspected += beside
    shapes = {part.name: part.measure() for part in inspected}
    findings = [finding for part in inspected for finding in part.findings]
    findings += find_duplicates(inspected, use.hash_distance)
    if use.train in shapes:
        findings += find_differences(shapes, use.train, [part.name for part in beside])
    findings += [_find_untrainable(part, use) for part in inspected if part.role in (use.train, use.val)]
    readable = {part.name: part for part in inspected if part.is_measured_in_pixels and len(shapes[part.name].heights)}
    ceiling = _find_ceiling(readable[use.val], use) if use.val in readable else None
    findings += [] if ceiling is None else [_judge_ceiling(ceiling, use)]
    advice = advise_size(shapes[use.train], use.letterbox) if use.train in readable else None
    return DataReport(root, use.letterbox, inspected, shapes, sort_findings(findings), advice, ceiling)


def _find_untrainable(part: InspectedPart, use: Use) -> Finding:
    """A training part of which no word trains, or a validation part without a readable word."""
    counts = count_words(
        zip(part.annotations, part.sizes, strict=True), use.letterbox, shrink_ratio=use.postprocess.shrink_ratio
    )
    is_useless = counts.trained == 0 if part.role == use.train else counts.words == counts.ignored
    faults = [Fault(Place(None), f"{counts} at {use.letterbox}")] if is_useless else []
    return Finding("untrainable", part.name, faults)


def _find_ceiling(part: InspectedPart, use: Use) -> Ceiling:
    """The ceiling of a part, of 100 images from all over it at most."""
    step = -(-len(part.annotations) // CEILING_IMAGES)
    labels = [(label, *size) for label, size in zip(part.annotations, part.sizes, strict=True)][::step]
    return find_ceiling(labels, use.letterbox, use.postprocess)


def _judge_ceiling(ceiling: Ceiling, use: Use) -> Finding:
    cleval, iou = ceiling.evaluation.cleval.hmean, ceiling.evaluation.iou.hmean
    what = f"CLEval H {cleval:.4f}, IoU 0.5 H {iou:.4f} at {use.letterbox}"
    return Finding("ceiling", use.val, [Fault(Place(None), what)] if cleval < LEAST_CEILING else [])
