"""ONNX files for tests, written field by field."""

import struct

import numpy as np


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """A varint for an int, else a string, bytes or a float of 32 bits."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def tensor(name, values):
    values = np.asarray(values, np.float32)
    dims = b"".join(field(1, side) for side in values.shape)
    return dims + field(2, 1) + field(8, name) + field(9, values.astype("<f4").tobytes())


def node(operation, inputs, output, **floats):
    attributes = [field(5, field(1, name) + field(2, value)) for name, value in floats.items()]
    names = [field(1, name) for name in inputs]
    return b"".join([*names, field(2, output), field(4, operation), *attributes])


def model(nodes, tensors):
    """A file of such nodes, (operation, inputs, output) each, and of tensors by their names."""
    written = [field(1, node(*entry[:3], **(entry[3] if len(entry) > 3 else {}))) for entry in nodes]
    written += [field(5, tensor(name, values)) for name, values in tensors.items()]
    return field(1, 8) + field(7, b"".join(written))
