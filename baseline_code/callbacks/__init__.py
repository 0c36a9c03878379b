"""What happens beside the training step."""

from baseline_code.callbacks.ema import ExponentialMovingAverage
from baseline_code.callbacks.freezing import BackboneFreezing
from baseline_code.callbacks.next_epoch import NextEpochLoading
from baseline_code.callbacks.non_finite import NonFiniteGuard, NonFiniteLossError
from baseline_code.callbacks.progress import EpochLine, TrainingProgressBar
from baseline_code.callbacks.run_checkpoint import EPOCH, RunCheckpoint
from baseline_code.callbacks.stopping import PatientStopping
from baseline_code.callbacks.summary import TrainingSummary
from baseline_code.callbacks.unreadable import UnreadableImages
from baseline_code.callbacks.validation import LastEpochValidation

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
