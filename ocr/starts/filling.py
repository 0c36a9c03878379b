"""The weights of a graph put into a detector of this project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import torch
from torch import Tensor, nn

from baseline_code.weights.onnx_file import Array
from ocr.models import TextDetector
from ocr.models.lcnet_v3 import Affine
from ocr.starts.layers import ActivationAffine, BatchNormStatistics, Convolution, Layer, fold
from ocr.starts.naming import StartError


def fill(detector: TextDetector, layers: Sequence[Layer], *, source: str, hint: str = "") -> None:
    """Gives encoder, decoder and probability branch their weights; the threshold branch is left as it is.

    Layers are matched in the order in which a forward pass calls the modules, which is the graph's.

    Args:
        detector: of the graph's architecture.
        layers: of `read_layers`.
        source: what to call their origin in errors.
        hint: what to add to an error: which network they fit.

    Raises:
        StartError: naming the first layer that is missing or of another shape; the detector is left as it was.
    """
    places = _places(detector)
    for number, (place, layer) in enumerate(zip_longest(places, layers), start=1):
        ours, theirs = _describe_place(place), _describe_layer(layer, place)
        if ours != theirs:
            raise StartError(
                f"{source} does not fit this network: expected its layer {number} to be {ours}, got {theirs}{hint}"
            )
        if isinstance(layer, Convolution) and not all(np.isfinite(one).all() for one in (layer.weight, layer.bias)):
            raise StartError(f"{source}: expected finite weights, got NaN or infinity in its layer {number}")
    for place, layer in zip(places, layers, strict=True):
        _fill_place(place, layer)


@dataclass
class _Place:
    """A convolution of a detector with the batch normalisation behind it, or an affine."""

    module: nn.Module
    normalisation: nn.BatchNorm2d | None = None

    @property
    def has_bias(self) -> bool:
        return isinstance(self.module, nn.Conv2d | nn.ConvTranspose2d) and self.module.bias is not None


def _places(detector: TextDetector) -> list[_Place]:
    """What a forward pass to the probability map calls, in its order."""
    places: list[_Place] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if isinstance(module, nn.BatchNorm2d):
            places[-1].normalisation = module
        else:
            places.append(_Place(module))

    kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d, Affine)
    hooks = [module.register_forward_hook(note) for module in detector.modules() if isinstance(module, kinds)]
    training = detector.training
    try:
        with torch.no_grad():
            detector.eval().predict_probability(next(detector.parameters()).new_zeros(1, 3, 32, 32))
    finally:
        detector.train(training)
        for hook in hooks:
            hook.remove()
    return places


def _describe_place(place: _Place | None) -> str:
    if place is None:
        return "absent"
    if isinstance(place.module, Affine):
        return "an affine"
    kind = "a transposed convolution" if isinstance(place.module, nn.ConvTranspose2d) else "a convolution"
    normalised = " and batch normalisation" if place.normalisation is not None else ""
    return f"{kind} {list(place.module.get_parameter('weight').shape)}{normalised}"


def _describe_layer(layer: Layer | None, place: _Place | None) -> str:
    """A layer in the words of `_describe_place`: batch normalisation only where the place has one to fill."""
    if layer is None:
        return "absent"
    if isinstance(layer, ActivationAffine):
        return "an affine"
    kind = "a transposed convolution" if layer.transposed else "a convolution"
    kept = place is not None and place.normalisation is not None and layer.normalisation is not None
    described = f"{kind} {list(layer.weight.shape)}"
    if kept:
        return f"{described} and batch normalisation"
    extra_bias = place is not None and not place.has_bias and bool(fold(layer).bias.any())
    return f"{described} with a bias" if extra_bias else described


def _fill_place(place: _Place, layer: Layer) -> None:
    parameter = place.module.get_parameter
    if isinstance(layer, ActivationAffine):
        _set(parameter("scale"), np.array([layer.scale], np.float32))
        _set(parameter("shift"), np.array([layer.shift], np.float32))
        return
    layer = fold(layer) if place.normalisation is None else layer
    _set(parameter("weight"), layer.weight)
    if place.has_bias:
        _set(parameter("bias"), layer.bias)
    if place.normalisation is not None and layer.normalisation is not None:
        bias = np.zeros_like(layer.bias) if place.has_bias else layer.bias
        _fill_normalisation(place.normalisation, layer.normalisation, bias)


def _fill_normalisation(module: nn.BatchNorm2d, given: BatchNormStatistics, bias: Array) -> None:
    """Fills batch normalisation; a bias in front of it that has no other place goes into its mean."""
    module.eps = given.epsilon  # not kept in checkpoints: a file with another one than torch's is refused above
    _set(module.get_parameter("weight"), given.scale)
    _set(module.get_parameter("bias"), given.shift)
    _set(module.get_buffer("running_mean"), given.mean - bias)
    _set(module.get_buffer("running_var"), given.variance)


def _set(tensor: Tensor, values: Array) -> None:
    with torch.no_grad():
        tensor.copy_(torch.from_numpy(np.ascontiguousarray(values)))
