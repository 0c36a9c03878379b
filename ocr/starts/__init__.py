"""Whole detectors to start from: those that packages bring as ONNX files, the shipped ones, and earlier checkpoints.

Nothing that fills a network is imported here: who only finds a file starts without torch.
"""

from ocr.starts.known import PADDLE_READING, SHIPPED, STARTS, Start, did_you_mean
from ocr.starts.naming import (
    ARCHITECTURES,
    StartError,
    brings_no_data,
    checkpoint_file,
    find_state_file,
    is_onnx_start,
    known_as,
    onnx_path,
)

__all__ = [
    "ARCHITECTURES",
    "PADDLE_READING",
    "SHIPPED",
    "STARTS",
    "Start",
    "StartError",
    "brings_no_data",
    "checkpoint_file",
    "did_you_mean",
    "find_state_file",
    "is_onnx_start",
    "known_as",
    "onnx_path",
]
