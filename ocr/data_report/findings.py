"""What can be wrong with data, and how much it matters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

from ocr.annotations.faults import ODDITIES, Fault

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

KINDS: dict[str, tuple[Severity, str]] = {
    "labels": ("error", "label files that cannot be read"),
    "broken": ("error", "broken entries"),
    "outside": ("error", "words outside their image"),
    "unit": ("error", "labels in another unit than pixels"),
    "size": ("error", "images whose labels state another size"),
    "missing": ("error", "labelled images that are not there"),
    "unreadable": ("error", "images that cannot be read"),
    "leak": ("error", "images that another split has as well"),
    "untrainable": ("error", "splits without a word to train or to score by"),
    "duplicate": ("warning", "images with the bytes of another of their split"),
    "near_leak": ("warning", "images that look like one of another split"),
    "unlabelled": ("warning", "images without labels"),
    "orientation": ("warning", "images that EXIF rotates, and no stated size tells if the labels are rotated as well"),
    **{kind: ("warning", f"{what}: {done}") for kind, (done, what) in ODDITIES.items()},
    "repeated": ("warning", "words whose polygon nearly another word has"),
    "tiny": ("warning", "words of under 3 px"),
    "crowded": ("warning", "images with more readable words than models.head.max_candidates"),
    "ceiling": ("warning", "scores that no network can reach at this size"),
    "different": ("warning", "differences between splits"),
    "near_duplicate": ("note", "images that look like another of their split"),
    "namesake": ("note", "images with the name of one of another split, and other content"),
    "turned": ("note", "images that EXIF rotates, their labels as well"),
    "order": ("note", "words that do not run clockwise from the top-left"),
    "wordless": ("note", "images without a word"),
    "unlabelled_part": ("note", "splits without labels"),
}
"""How bad each kind is, and what it is, in the order of the report."""


class Finding(NamedTuple):
    """All places in a split at which one thing is wrong."""

    kind: str  # one of KINDS
    split: str
    places: Sequence[Fault]

    @property
    def severity(self) -> Severity:
        """`error`: training or scores would be wrong, or refused; `warning`: look at it; `note`: good to know."""
        return KINDS[self.kind][0]

    @property
    def what(self) -> str:
        """The kind in words."""
        return KINDS[self.kind][1]

    def to_dict(self) -> dict[str, Any]:
        """For JSON: `kind`, `severity`, `part`, `what`, `count`, and `places` with `image`, `word` and `what` each."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "part": self.split,
            "what": self.what,
            "count": len(self.places),
            "places": [
                {"image": fault.place.image, "word": fault.place.word, "what": fault.what or None}
                for fault in self.places
            ],
        }


def sort_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Those that found something, in the order of `KINDS`."""
    kinds = list(KINDS)
    return sorted((finding for finding in findings if finding.places), key=lambda finding: kinds.index(finding.kind))
