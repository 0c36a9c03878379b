"""What commands that score say and write: the scores, the errors behind them, a JSON file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from baseline_code.files.json_file import write_json
from ocr.annotations.words import ImageAnnotation
from ocr.error_analysis import ErrorAnalysis, analyse_errors
from ocr.geometry.polygons import Polygon
from ocr.metrics import EvaluationResult
from ocr.visualization.errors import print_errors
from ocr.visualization.scores import print_scores


def explain_scores(
    annotations: Sequence[ImageAnnotation],
    detections: Mapping[str, Sequence[Polygon]],
    scores: EvaluationResult,
    *,
    worst: int,
    output: str | None = None,
    splits: Mapping[str, str] | None = None,
) -> ErrorAnalysis:
    """Prints scores, the worst images and the kinds of error.

    Args:
        annotations: labels.
        detections: best first, by file name.
        scores: of these.
        worst: how many images to list.
        output: a JSON file to write, or None.
        splits: the split or fold of each image; None: there is one only.
    """
    errors = analyse_errors(annotations, detections, scores, splits)
    print_scores(scores, worst=worst)
    print_errors(errors)
    if output is not None:
        write_json(output, scores.to_dict() | {"errors": errors.to_dict()})
    return errors
