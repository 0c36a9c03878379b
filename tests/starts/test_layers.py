"""Layers of a graph: what follows a convolution is folded into it, to the same output."""

import numpy as np
import pytest
import torch
from torch.nn.functional import batch_norm, conv2d, conv_transpose2d

from baseline_code.weights.onnx_file import read_onnx
from ocr.starts.layers import ActivationAffine, GraphError, fold, read_layers
from tests.onnx_bytes import model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3, 5, 7)).astype(np.float32)
KERNEL = RNG.normal(size=(4, 3, 3, 3)).astype(np.float32)
UP = RNG.normal(size=(3, 4, 2, 2)).astype(np.float32)
BIAS = RNG.normal(size=4).astype(np.float32)
STATISTICS = {name: RNG.uniform(0.5, 2, 4).astype(np.float32) for name in ("scale", "shift", "mean", "variance")}
TENSORS = {"w": KERNEL, "up": UP, "b": BIAS, "b4": BIAS.reshape(1, 4, 1, 1), **STATISTICS, "a": [1.5], "c": [-0.25]}


def layers(*nodes, **more):
    return read_layers(read_onnx(model(nodes, TENSORS | more), "a.onnx"))


def tensors(*names):
    return [torch.from_numpy(np.asarray(TENSORS[name], np.float32)) for name in names]


def test_batch_normalisation_and_an_affine_fold_into_the_convolution_before_them():
    (layer,) = layers(
        ("Conv", ["x", "w", "b"], "1"),
        ("BatchNormalization", ["1", *STATISTICS], "2", {"epsilon": 0.125}),
        ("Mul", ["a", "2"], "3"),
        ("Add", ["3", "c"], "4"),
        ("Relu", ["4"], "5"),
    )
    kernel, bias, scale, shift, mean, variance = tensors("w", "b", *STATISTICS)
    convolved = conv2d(torch.from_numpy(X), kernel, bias, padding=1)
    expected = 1.5 * batch_norm(convolved, mean, variance, scale, shift, eps=0.125) - 0.25
    folded = fold(layer)
    weight, bias = torch.from_numpy(folded.weight), torch.from_numpy(folded.bias)
    torch.testing.assert_close(conv2d(torch.from_numpy(X), weight, bias, padding=1), expected, rtol=1e-5, atol=1e-5)


def test_a_transposed_convolution_is_scaled_along_its_output_channels_and_has_its_bias_behind_it():
    (layer,) = layers(
        ("ConvTranspose", ["x", "up"], "1"),
        ("Add", ["1", "b4"], "2"),
        ("Mul", ["2", "scale"], "3"),
        ("Relu", ["3"], "4"),
    )
    kernel, bias, scale = tensors("up", "b", "scale")
    expected = scale.view(1, 4, 1, 1) * conv_transpose2d(torch.from_numpy(X), kernel, bias, stride=2)
    weight, bias = torch.from_numpy(layer.weight), torch.from_numpy(layer.bias)
    found = conv_transpose2d(torch.from_numpy(X), weight, bias, stride=2)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([("Mul", ["a", "2"], "3"), ("Add", ["3", "c"], "4")], ActivationAffine(1.5, -0.25)),  # 1.5 x - 0.25
        ([("Add", ["2", "c"], "3"), ("Mul", ["3", "a"], "4")], ActivationAffine(1.5, -0.375)),  # 1.5 (x - 0.25)
    ],
)
def test_an_affine_behind_an_activation_is_a_layer_of_its_own(nodes, expected):
    found = layers(("Conv", ["x", "w"], "1"), ("HardSwish", ["1"], "2"), *nodes)
    assert found[1:] == [expected]


def test_numbers_without_a_dimension_belong_to_activations():
    nodes = [("Conv", ["x", "w"], "1"), ("Add", ["1", "three"], "2"), ("Clip", ["2", "zero", "six"], "3")]
    (layer,) = layers(*nodes, ("Mul", ["1", "3"], "4"), three=np.float32(3), zero=np.float32(0), six=np.float32(6))
    np.testing.assert_array_equal(layer.bias, np.zeros(4))


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([("Conv", ["x", "b"], "1")], "expected a kernel of 4 dimensions in a Conv, got 1"),
        ([("Conv", ["x", "w"], "1"), ("Sub", ["1", "a"], "2")], "expected Add, Mul or BatchNormalization on weights"),
        (
            [("Conv", ["x", "w"], "1"), ("Mul", ["1", "a"], "2"), ("Relu", ["1"], "3")],
            "expected '1' to be read by its Mul only",
        ),
        ([("Relu", ["x"], "1"), ("Mul", ["1", "b"], "2")], "expected one number behind an activation, got 4"),
        ([("Conv", ["x", "w"], "1"), ("Mul", ["1", "three"], "2")], "expected 1 or 4 numbers behind a convolution"),
    ],
)
def test_a_graph_that_would_be_read_wrongly_is_refused(nodes, reason):
    with pytest.raises(GraphError, match=reason):
        layers(*nodes, three=np.ones(3))
