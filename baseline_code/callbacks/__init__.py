"""What happens beside the training step."""

from baseline_code.callbacks.ema import ExponentialMovingAverage
from baseline_code.callbacks.freezing import BackboneFreezing
from baseline_code.callbacks.next_epoch import NextEpochLoading
from baseline_code.callbacks.non_finite import NonFiniteGuard, NonFiniteLossError
from baseline_code.callbacks.progress import EpochLine, TrainingProgressBar
from baseline_code.callbacks.summary import TrainingSummary

__all__ = [
    "BackboneFreezing",
    "EpochLine",
    "ExponentialMovingAverage",
    "NextEpochLoading",
    "NonFiniteGuard",
    "NonFiniteLossError",
    "TrainingProgressBar",
    "TrainingSummary",
]
