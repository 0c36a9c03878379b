"""What an image's score would be if one kind of error were solved."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.error_analysis.kinds import ImageErrors, Kind
from ocr.geometry.polygons import Polygon


def has_kind(errors: ImageErrors, kind: Kind) -> bool:
    """Whether an image has an error of this kind."""
    return kind in {*(one.kind for one in errors.missed), *(one.kind for one in errors.false)}


def repair(
    ground_truth: Sequence[Polygon], detections: Sequence[Polygon], errors: ImageErrors, kind: Kind
) -> list[Polygon]:
    """Detections with one kind of error repaired.

    The false detections of that kind, and what else its missed words are due to, go. The words themselves come: those
    that were missed for it, and those whose match goes.

    Args:
        ground_truth: polygons (K, 2), px.
        detections: polygons (K, 2), px, best first.
        errors: of these two.
        kind: to repair.

    Returns:
        The words that come, in order, then the detections that stay, best first.
    """
    missed = [error for error in errors.missed if error.kind == kind]
    gone = {error.detection for error in errors.false if error.kind == kind}
    gone.update(*(error.detections for error in missed))
    come = {error.word for error in missed} | {word for word, detection in errors.matched if detection in gone}
    return [
        *(ground_truth[word] for word in sorted(come)),
        *(polygon for number, polygon in enumerate(detections) if number not in gone),
    ]
