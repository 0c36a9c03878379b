"""Where a detector's training starts from: another detector, by `models.weights`."""

from __future__ import annotations

import logging
from pathlib import Path

import torch
from torch import nn

from baseline_code.files.shown_text import listed
from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.fitting import COUNTER
from baseline_code.weights.reading import read_weights
from baseline_code.weights.shipped import MANIFEST
from ocr.models import DBHead, TextDetector
from ocr.models.lcnet_v3 import PPLCNetV3
from ocr.starts.known import SHIPPED, STARTS, did_you_mean
from ocr.starts.naming import StartError, find_state_file, is_onnx_start
from ocr.starts.onnx_start import load_onnx

THRESHOLD_STD = 0.01
THRESHOLD_BIAS = -0.6  # sigmoid: 0.35, between the 0.3 of the background and the 0.7 of an edge
_PREFIX = "detector."

log = logging.getLogger(__name__)


def start_training_from(detector: TextDetector, weights: str | Path) -> None:
    """Fills a whole detector; one that was deployed elsewhere is prepared for fine-tuning.

    Args:
        detector: with random weights.
        weights: a name of `SHIPPED` or `STARTS`, an ONNX file, a detector's checkpoint, a file of its state dict, or a
            folder of shipped weights.

    Raises:
        StartError: if there is nothing of that name, or it does not fit.
    """
    if is_onnx_start(weights):
        known = load_onnx(detector, weights)
        kind = "ppocrv4_mobile" if isinstance(detector.encoder, PPLCNetV3) else "ppocrv6_small"
        prepare_for_finetuning(detector.head, logit_scale=STARTS[known or kind].logit_scale)
        return
    if str(weights) not in SHIPPED and not Path(weights).exists():
        raise StartError(
            f"expected models.weights to be one of {', '.join((*SHIPPED, *STARTS))}, or a file or folder, got "
            f"{weights}{did_you_mean(str(weights))}"
        )
    load_detector(detector, weights)


def prepare_for_finetuning(head: DBHead, *, logit_scale: float) -> None:
    """Makes a head's logits less steep and its threshold branch fresh.

    The last layer of the probability branch is scaled: the map keeps its order, and its 0.5 where it was, but the loss
    no longer starts far out on the slopes of the sigmoid. The threshold branch, which deployed files lack, becomes a
    copy of the probability branch but for its last layer, which starts near a constant.

    Args:
        head: with the probability branch as it was trained.
        logit_scale: by what the logits are multiplied, > 0.

    Raises:
        ValueError: if `logit_scale` is not positive.
    """
    if logit_scale <= 0:
        raise ValueError(f"expected logit_scale > 0, got {logit_scale}")
    head.threshold_branch.load_state_dict(head.probability_branch.state_dict())
    last = head.threshold_branch[-1].get_parameter
    nn.init.normal_(last("weight"), std=THRESHOLD_STD)
    nn.init.constant_(last("bias"), THRESHOLD_BIAS)
    with torch.no_grad():
        for parameter in head.probability_branch[-1].parameters():
            parameter.mul_(logit_scale)


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
    needed = {name: value for name, value in own.items() if not name.endswith(COUNTER)}
    faults = [f"{name} is missing" for name in needed if name not in given]
    faults += [
        f"{name} is {list(given[name].shape)}, expected {list(value.shape)}"
        for name, value in needed.items()
        if name in given and given[name].shape != value.shape
    ]
    faults += [f"{name} has no place" for name in given if name not in own]
    if faults:
        raise StartError(
            f"models.weights={weights} does not fit this network: {len(faults)} of its tensors differ: "
            f"{listed(faults, most=3, between='; ')}. "
            "It must be a detector with the same models.encoder, decoder and head (an encoder alone: "
            "models.encoder.weights)"
        )
    detector.load_state_dict(own | given)
    log.info("starts from %s: %d tensors", weights, len(needed))
