"""Whole detectors to start from: those that packages bring as ONNX files, and earlier ones of this project."""

from ocr.starts.errors import StartError
from ocr.starts.known import STARTS, Start, did_you_mean
from ocr.starts.onnx_start import ARCHITECTURES, is_onnx_start, known_as, load_onnx, onnx_path
from ocr.starts.preparation import prepare_for_finetuning
from ocr.starts.start import start_training_from

__all__ = [
    "ARCHITECTURES",
    "STARTS",
    "Start",
    "StartError",
    "did_you_mean",
    "is_onnx_start",
    "known_as",
    "load_onnx",
    "onnx_path",
    "prepare_for_finetuning",
    "start_training_from",
]
