"""A detector filled from an earlier detector of this project, all of it."""

from __future__ import annotations

import logging
from pathlib import Path

from torch import nn

from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.reading import read_weights
from baseline_code.weights.shipped import MANIFEST
from ocr.starts.naming import StartError, find_state_file

_PREFIX = "detector."
_COUNTER = "num_batches_tracked"  # of batch normalisation; nothing here reads it
_LISTED = 3

log = logging.getLogger(__name__)


def load_detector(detector: nn.Module, weights: str | Path) -> None:
    """Gives encoder, decoder and head every one of their tensors.

    Args:
        detector: of the same architecture.
        weights: a checkpoint of a detector, a file of its state dict, a folder of shipped weights, or a shipped
            detector's name.

    Raises:
        StartError: if it cannot be read, or a tensor is missing, of another shape, or without a place.
    """
    path = find_state_file(weights) or Path(weights)
    try:
        state = read_weights(path / MANIFEST if path.is_dir() else path)
    except PretrainedWeightsError as error:
        raise StartError(f"models.weights={weights}: {error}") from error
    given = {name.removeprefix(_PREFIX): value for name, value in state.items()}
    own = detector.state_dict()
    needed = {name: value for name, value in own.items() if not name.endswith(_COUNTER)}
    faults = [f"{name} is missing" for name in needed if name not in given]
    faults += [
        f"{name} is {list(given[name].shape)}, expected {list(value.shape)}"
        for name, value in needed.items()
        if name in given and given[name].shape != value.shape
    ]
    faults += [f"{name} has no place" for name in given if name not in own]
    if faults:
        listed = "; ".join(faults[:_LISTED])
        raise StartError(
            f"models.weights={weights} does not fit this network: {len(faults)} of its tensors differ: {listed}. "
            "It must be a detector with the same models.encoder, decoder and head (an encoder alone: "
            "models.encoder.weights)"
        )
    detector.load_state_dict(own | given)
    log.info("starts from %s: %d tensors", weights, len(needed))
