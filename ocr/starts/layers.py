"""The weights of a graph in its order, with what follows each convolution folded into it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from baseline_code.weights.onnx_file import Array, Graph, Node

_PASSED_ON = ("Identity", "Cast")
Wide = npt.NDArray[np.float64]


class GraphError(ValueError):
    """A graph that is not built as a text detector's is."""


@dataclass(frozen=True)
class BatchNormStatistics:
    """Batch normalisation with stored statistics, (C,) each: scale * (x - mean) / deviation + shift."""

    scale: Array
    shift: Array
    mean: Array
    variance: Array
    epsilon: float


@dataclass(frozen=True)
class Convolution:
    """A convolution (or a transposed one) and, where nothing lies between, the normalisation behind it.

    Scales and shifts of whole channels that follow it directly are folded into `weight` and `bias`, up to a batch
    normalisation; those behind a batch normalisation are folded into its `scale` and `shift`.
    """

    weight: Array  # (out, in / groups, k, k), or (in, out, k, k) where it is transposed
    bias: Array  # (out,)
    transposed: bool
    normalisation: BatchNormStatistics | None = None


@dataclass(frozen=True)
class ActivationAffine:
    """scale * x + shift behind an activation, one number each for the whole tensor."""

    scale: float
    shift: float


Layer = Convolution | ActivationAffine


def read_layers(graph: Graph) -> list[Layer]:
    """All weights of a graph, in its order.

    Numbers without a dimension belong to activations (the 3 and 6 of a decomposed hard-swish) and are no weights.

    Raises:
        GraphError: if weights are used in a way that is not known here.
    """
    readers = Counter(name for node in graph.nodes for name in node.inputs)
    layers: list[Layer] = []
    open_layers: dict[str, int] = {}  # tensor -> the layer that it is the output of, with nothing between
    for node in graph.nodes:
        data = [name for name in node.inputs if name not in graph.tensors]
        before = open_layers.get(data[0]) if len(data) == 1 else None
        if node.operation in _PASSED_ON and before is not None:
            open_layers[node.outputs[0]] = before
            continue
        weights = [graph.tensors[name] for name in node.inputs if name in graph.tensors]
        weights = [weight for weight in weights if weight.ndim]
        if not weights or node.operation == "Resize":
            continue
        if node.operation in ("Conv", "ConvTranspose"):
            layers.append(_convolution(node, weights))
        elif before is None:
            layers.append(_appended(ActivationAffine(1, 0), node, weights))
        elif any(readers[name] > 1 for name in data):
            raise GraphError(f"expected {data[0]!r} to be read by its {node.operation} only")
        else:
            layers[before] = _appended(layers[before], node, weights)
            open_layers[node.outputs[0]] = before
            continue
        open_layers[node.outputs[0]] = len(layers) - 1
    return layers


def fold(convolution: Convolution) -> Convolution:
    """The same convolution with its batch normalisation in its weights, computed in 64 bits."""
    normalisation = convolution.normalisation
    if normalisation is None:
        return convolution
    scale = normalisation.scale / np.sqrt(normalisation.variance.astype(np.float64) + normalisation.epsilon)
    shift = normalisation.shift - normalisation.mean * scale
    return _scaled_convolution(replace(convolution, normalisation=None), scale, shift)


def _convolution(node: Node, weights: list[Array]) -> Convolution:
    if weights[0].ndim != 4 or len(weights) > 2:
        raise GraphError(f"expected a kernel of 4 dimensions in a {node.operation}, got {weights[0].ndim}")
    transposed = node.operation == "ConvTranspose"
    channels = weights[0].shape[1 if transposed else 0]
    bias = weights[1] if len(weights) > 1 else np.zeros(channels, np.float32)
    return Convolution(weights[0], bias, transposed)


def _appended(layer: Layer, node: Node, weights: list[Array]) -> Layer:
    """A layer with the operation that follows it."""
    if node.operation == "BatchNormalization" and isinstance(layer, Convolution) and len(weights) == 4:
        scale, shift, mean, variance = weights
        normalisation = BatchNormStatistics(scale, shift, mean, variance, node.floats.get("epsilon", 1e-5))
        return replace(fold(layer), normalisation=normalisation)
    if node.operation not in ("Add", "Mul") or len(weights) != 1:
        raise GraphError(f"expected Add, Mul or BatchNormalization on weights, got {node.operation}")
    value = weights[0].reshape(-1).astype(np.float64)
    factor, addend = (value, np.zeros_like(value)) if node.operation == "Mul" else (np.ones_like(value), value)
    if isinstance(layer, Convolution):
        if value.size not in (1, layer.bias.size):
            raise GraphError(f"expected 1 or {layer.bias.size} numbers behind a convolution, got {value.size}")
        return _scaled_convolution(layer, factor, addend)
    if value.size != 1:
        raise GraphError(f"expected one number behind an activation, got {value.size}")
    return ActivationAffine(layer.scale * float(factor[0]), layer.shift * float(factor[0]) + float(addend[0]))


def _scaled_convolution(layer: Convolution, scale: Wide, shift: Wide) -> Convolution:
    """A convolution whose output is multiplied and shifted: (1,) for all channels, or (C,)."""
    normalisation = layer.normalisation
    if normalisation is not None:
        scaled = (normalisation.scale * scale).astype(np.float32)
        shifted = (normalisation.shift * scale + shift).astype(np.float32)
        return replace(layer, normalisation=replace(normalisation, scale=scaled, shift=shifted))
    along = (1, -1, 1, 1) if layer.transposed else (-1, 1, 1, 1)
    weight = (layer.weight * scale.reshape(along)).astype(np.float32)
    return replace(layer, weight=weight, bias=(layer.bias * scale + shift).astype(np.float32))
