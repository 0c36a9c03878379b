"""What is submitted and passed on: the leaderboard's CSV and the prediction JSON."""

from ocr.submission.leaderboard import SubmissionError, read_submission, write_submission
from ocr.submission.predictions import PredictedImage, read_predictions, write_predictions
from ocr.submission.validation import validate_submission

__all__ = [
    "PredictedImage",
    "SubmissionError",
    "read_predictions",
    "read_submission",
    "validate_submission",
    "write_predictions",
    "write_submission",
]
