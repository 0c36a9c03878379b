"""Where a detector's training starts from: another detector, by `models.weights`."""

from __future__ import annotations

from pathlib import Path

from ocr.models import TextDetector
from ocr.models.lcnet_v3 import PPLCNetV3
from ocr.starts.checkpoint_start import load_detector
from ocr.starts.errors import StartError
from ocr.starts.known import STARTS, did_you_mean
from ocr.starts.naming import is_onnx_start
from ocr.starts.onnx_start import load_onnx
from ocr.starts.preparation import prepare_for_finetuning
from ocr.starts.shipped import SHIPPED


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
