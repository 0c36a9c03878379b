"""What happens beside the training step."""

from ocr.lightning_modules.callbacks.ema import ExponentialMovingAverage
from ocr.lightning_modules.callbacks.non_finite import NonFiniteGuard, NonFiniteLossError
from ocr.lightning_modules.callbacks.progress import EpochLine, TrainingProgressBar
from ocr.lightning_modules.callbacks.summary import TrainingSummary

__all__ = [
    "EpochLine",
    "ExponentialMovingAverage",
    "NonFiniteGuard",
    "NonFiniteLossError",
    "TrainingProgressBar",
    "TrainingSummary",
]
