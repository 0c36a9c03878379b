"""What happens beside the training step."""

from baseline_code.training.callbacks.ema import ExponentialMovingAverage
from baseline_code.training.callbacks.freezing import BackboneFreezing
from baseline_code.training.callbacks.guards import NonFiniteGuard, NonFiniteLossError, UnreadableImages
from baseline_code.training.callbacks.progress import EpochLine, TrainingProgressBar
from baseline_code.training.callbacks.summary import TrainingSummary
from baseline_code.training.callbacks.time_budget import TimeBudget, parse_time
from baseline_code.training.callbacks.validation import EPOCH, LastEpochValidation, PatientStopping, RunCheckpoint
from baseline_code.training.loading import NextEpochLoading

__all__ = [
    "EPOCH",
    "BackboneFreezing",
    "EpochLine",
    "ExponentialMovingAverage",
    "LastEpochValidation",
    "NextEpochLoading",
    "NonFiniteGuard",
    "NonFiniteLossError",
    "PatientStopping",
    "RunCheckpoint",
    "TimeBudget",
    "TrainingProgressBar",
    "TrainingSummary",
    "UnreadableImages",
    "parse_time",
]
