"""ONNX files: nodes and constants as they were written, and every damage in words."""

import contextlib
import random

import numpy as np
import pytest

from baseline_code.weights.onnx_file import OnnxFileError, read_metadata_keys, read_onnx
from baseline_code.weights.protobuf import ProtobufError, read_fields
from tests.onnx_bytes import field, model, node, varint

KERNEL = np.arange(24).reshape(2, 3, 2, 2) / 8
FILE = model(
    [("Conv", ["x", "w"], "y"), ("HardSigmoid", ["y"], "z", {"alpha": 0.25})], {"w": KERNEL, "scalar": np.float32(3)}
)


def test_nodes_and_constants_come_back():
    graph = read_onnx(FILE, "a.onnx")
    assert [(entry.operation, entry.inputs, entry.outputs) for entry in graph.nodes] == [
        ("Conv", ("x", "w"), ("y",)),
        ("HardSigmoid", ("y",), ("z",)),
    ]
    assert graph.nodes[1].floats == {"alpha": 0.25}
    np.testing.assert_array_equal(graph.tensors["w"], KERNEL)
    assert graph.tensors["scalar"].shape == ()
    assert graph.tensors["scalar"] == 3


def test_the_entries_beside_a_graph_are_named():
    entries = [field(14, field(1, name) + field(2, "value")) for name in ("dbnet", "author")]
    assert read_metadata_keys(FILE + b"".join(entries), "a.onnx") == ["dbnet", "author"]
    assert read_metadata_keys(FILE, "a.onnx") == []
    with pytest.raises(OnnxFileError, match=r"a\.onnx: expected an ONNX model, could not read it"):
        read_metadata_keys(FILE[:-1], "a.onnx")


def test_packed_dimensions_and_numbers_in_the_other_field_are_read_too():
    packed = field(1, varint(2) + varint(1)) + field(2, 1) + field(8, "w") + field(4, np.float32([5, 6]).tobytes())
    graph = read_onnx(field(7, field(5, packed) + field(1, node("Relu", ["x"], "y"))), "a.onnx")
    np.testing.assert_array_equal(graph.tensors["w"], [[5], [6]])


def test_a_constant_node_is_a_constant_by_its_outputs_name_and_whole_numbers_are_left_out():
    value = field(1, 1) + field(2, 1) + field(8, "inner") + field(9, np.float32([7]).tobytes())
    constant = field(2, "seven") + field(4, "Constant") + field(5, field(1, "value") + field(5, value))
    whole = field(1, 1) + field(2, 7) + field(8, "axes") + field(9, bytes(8))  # 7: int64
    nodes = field(5, whole) + field(1, constant) + field(1, node("Relu", ["x"], "y"))
    graph = read_onnx(field(7, nodes), "a.onnx")
    assert [entry.operation for entry in graph.nodes] == ["Relu"]
    assert graph.tensors == {"seven": np.float32([7])}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "expected one graph, found 0"),
        (b"not a model at all", "a.onnx: expected an ONNX model, could not read it"),
        (field(7, b"\x00\x00"), "expected a field's number, got 0"),
        (field(7, field(1, 5)), "expected bytes in field 1, got an integer"),
        (field(7, field(5, field(1, 2) + field(2, 1) + field(8, "w") + field(9, bytes(4)))), "expected 2 numbers in"),
        (field(7, field(5, field(2, 1) + field(8, "w") + field(9, bytes(3)))), "expected 32-bit floats, got 3 bytes"),
        (field(7, field(5, field(8, "w") + field(14, 1))), "expected the tensor 'w' in the file, it lies in another"),
        (field(7, b""), "its graph has no node"),
    ],
)
def test_what_is_no_model_is_refused_with_its_reason(content, reason):
    with pytest.raises(OnnxFileError, match=reason):
        read_onnx(content, "a.onnx")


def test_a_file_that_was_cut_is_refused_wherever_it_was_cut():
    for size in range(3, len(FILE)):  # the first two bytes are a whole field: the version
        with pytest.raises(OnnxFileError, match=r"a\.onnx: expected an ONNX model"):
            read_onnx(FILE[:size], "a.onnx")


def test_a_file_with_any_byte_changed_is_read_or_refused():
    rng = random.Random(0)
    for _ in range(2000):
        damaged = bytearray(FILE)
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with contextlib.suppress(OnnxFileError):
            read_onnx(bytes(damaged), "a.onnx")
    with pytest.raises(ProtobufError, match="the bytes end within it"):  # a number that never ends
        list(read_fields(memoryview(b"\xff" * 12)))
