"""The nodes and constant tensors of an ONNX file, read without the `onnx` package.

That package brings 18 MB and a compiled protobuf to read what are four kinds of messages in a format that is frozen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from baseline_code.weights.protobuf import Field, ProtobufError, read_fields

# Field numbers of onnx.proto3, which never change their meaning.
_MODEL_GRAPH, _MODEL_METADATA = 7, 14
_METADATA_KEY = 1
_GRAPH_NODE, _GRAPH_INITIALIZER = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATION, _NODE_ATTRIBUTE = 1, 2, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_FLOAT, _ATTRIBUTE_TENSOR = 1, 2, 5
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_FLOATS, _TENSOR_NAME, _TENSOR_RAW, _TENSOR_LOCATION = 1, 2, 4, 8, 9, 14
_FLOAT32 = 1

Array = npt.NDArray[np.float32]


class OnnxFileError(ValueError):
    """A file that is no ONNX model, or damaged."""


@dataclass(frozen=True)
class Node:
    """An operation: its kind, and the names of what it reads and writes."""

    operation: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    floats: dict[str, float] = field(default_factory=dict)  # attributes that are one float


@dataclass(frozen=True)
class Graph:
    """A network: its operations in an order in which they can be run, and its constants of 32-bit floats."""

    nodes: tuple[Node, ...]
    tensors: dict[str, Array]


def read_onnx(content: bytes, source: str | Path) -> Graph:
    """Reads a model. Constants of other types than float32 are left out.

    Args:
        content: of the file.
        source: what to call it in errors.

    Raises:
        OnnxFileError: if it is no ONNX model, or damaged.
    """
    try:
        graphs = [part.bytes for part in read_fields(memoryview(content)) if part.number == _MODEL_GRAPH]
        if len(graphs) != 1:
            raise ProtobufError(f"expected one graph, found {len(graphs)}")
        graph = _read_graph(graphs[0])
    except ProtobufError as error:
        raise OnnxFileError(f"{source}: expected an ONNX model, could not read it: {error}") from error
    if not graph.nodes:
        raise OnnxFileError(f"{source}: expected an ONNX model, its graph has no node")
    return graph


def read_metadata_keys(content: bytes, source: str | Path) -> list[str]:
    """The names of the entries that a model's maker put beside its graph; the arguments are those of `read_onnx`.

    Raises:
        OnnxFileError: if it is no ONNX model, or damaged.
    """
    try:
        entries = [part.bytes for part in read_fields(memoryview(content)) if part.number == _MODEL_METADATA]
        return [part.text for entry in entries for part in read_fields(entry) if part.number == _METADATA_KEY]
    except ProtobufError as error:
        raise OnnxFileError(f"{source}: expected an ONNX model, could not read it: {error}") from error


def _read_graph(message: memoryview) -> Graph:
    nodes: list[Node] = []
    tensors: dict[str, Array] = {}
    for part in read_fields(message):
        if part.number == _GRAPH_INITIALIZER:
            tensors |= _read_tensor(part)
        elif part.number == _GRAPH_NODE:
            node, constants = _read_node(part.bytes)
            nodes.append(node)
            tensors |= constants
    return Graph(tuple(node for node in nodes if node.operation != "Constant"), tensors)


def _read_node(message: memoryview) -> tuple[Node, dict[str, Array]]:
    """A node, and where it is a constant its value by the name of its output."""
    parts = list(read_fields(message))
    inputs, outputs = (
        tuple(part.text for part in parts if part.number == number) for number in (_NODE_INPUT, _NODE_OUTPUT)
    )
    operation = next((part.text for part in parts if part.number == _NODE_OPERATION), "")
    floats: dict[str, float] = {}
    constants: dict[str, Array] = {}
    for attribute in (list(read_fields(part.bytes)) for part in parts if part.number == _NODE_ATTRIBUTE):
        name = next((part.text for part in attribute if part.number == _ATTRIBUTE_NAME), "")
        for part in attribute:
            if part.number == _ATTRIBUTE_FLOAT:
                floats[name] = _float(part.bytes)
            elif part.number == _ATTRIBUTE_TENSOR and operation == "Constant" and outputs:
                for value in _read_tensor(part).values():
                    constants[outputs[0]] = value
    return Node(operation, inputs, outputs, floats), constants


def _read_tensor(message: Field) -> dict[str, Array]:
    """Name -> value of a tensor of 32-bit floats; nothing for another type."""
    name, shape, kind, stored = "", list[int](), 0, bytearray()
    for part in read_fields(message.bytes):
        if part.number == _TENSOR_DIMS:
            shape += part.integers
        elif part.number == _TENSOR_TYPE:
            kind = part.integer
        elif part.number == _TENSOR_NAME:
            name = part.text
        elif part.number in (_TENSOR_FLOATS, _TENSOR_RAW):
            stored += part.bytes
        elif part.number == _TENSOR_LOCATION and part.integer:
            raise ProtobufError(f"expected the tensor {name!r} in the file, it lies in another one")
    if kind != _FLOAT32:
        return {}
    values = _floats(stored)
    if len(values) != math.prod(shape):
        raise ProtobufError(f"expected {math.prod(shape)} numbers in the tensor {name!r}, got {len(values)}")
    return {name: values.reshape(shape)}


def _float(stored: memoryview) -> float:
    if len(stored) != 4:
        raise ProtobufError(f"expected one 32-bit float, got {len(stored)} bytes")
    return float(_floats(stored)[0])


def _floats(stored: bytes | bytearray | memoryview) -> Array:
    if len(stored) % 4:
        raise ProtobufError(f"expected 32-bit floats, got {len(stored)} bytes")
    return np.frombuffer(bytes(stored), "<f4").astype(np.float32)
