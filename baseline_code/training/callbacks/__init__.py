"""What happens beside the training step."""

from baseline_code.training.callbacks.ema import ExponentialMovingAverage
from baseline_code.training.callbacks.freezing import BackboneFreezing
from baseline_code.training.callbacks.next_epoch import NextEpochLoading
from baseline_code.training.callbacks.non_finite import NonFiniteGuard, NonFiniteLossError
from baseline_code.training.callbacks.progress import EpochLine, TrainingProgressBar
from baseline_code.training.callbacks.run_checkpoint import EPOCH, RunCheckpoint
from baseline_code.training.callbacks.stopping import PatientStopping
from baseline_code.training.callbacks.summary import TrainingSummary
from baseline_code.training.callbacks.unreadable import UnreadableImages
from baseline_code.training.callbacks.validation import LastEpochValidation

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
    "TrainingProgressBar",
    "TrainingSummary",
    "UnreadableImages",
]
