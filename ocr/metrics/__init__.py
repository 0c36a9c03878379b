"""Scores of detections against labels: the leaderboard's CLEval and ICDAR's IoU."""

from ocr.metrics.cleval import CLEvalScore, cleval
from ocr.metrics.evaluator import EvaluationResult, Evaluator, ImageScore, Ratios, score_image
from ocr.metrics.iou import IoUScore, match_iou

__all__ = [
    "CLEvalScore",
    "EvaluationResult",
    "Evaluator",
    "ImageScore",
    "IoUScore",
    "Ratios",
    "cleval",
    "match_iou",
    "score_image",
]
