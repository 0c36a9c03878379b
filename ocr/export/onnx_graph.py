"""A network of torch as an ONNX graph."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import torch
from torch import nn

OPSET = 17
INPUT, OUTPUT = "images", "probability"
FREE_SIZES: Mapping[int, str] = {0: "N", 2: "H", 3: "W"}
"""Axes of the input that may have any size, with their names."""
EXAMPLE = (2, 3, 64, 96)
"""The size that the network is traced at: no two sides alike, none of them 1."""


def to_onnx(
    module: nn.Module,
    *,
    size: Sequence[int] = EXAMPLE,
    free: Mapping[int, str] = FREE_SIZES,
    opset: int = OPSET,
) -> onnx.ModelProto:
    """Traces a module; its tensors keep their names.

    The older of torch's exporters does it: it needs no `onnxscript`, writes any opset, and takes a second.

    Args:
        module: one tensor -> one tensor; it and what it holds is left in evaluation mode.
        size: of the tensor that it is traced with.
        free: axes whose size is not fixed, with their names; the output has the same.
        opset: version of the operators.
    """
    axes = {name: dict(free) for name in (INPUT, OUTPUT)} if free else None
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on tracing the check of the size, and on which exporter is the newer one
        path = Path(folder) / "traced.onnx"
        torch.onnx.export(
            module.eval(),  # or it would be traced in evaluation mode and then left in training mode
            (torch.rand(*size),),
            path,
            input_names=[INPUT],
            output_names=[OUTPUT],
            opset_version=opset,
            dynamic_axes=axes,
            dynamo=False,
        )
        return onnx.load(path)


def shorten_names(model: onnx.ModelProto) -> None:
    """Numbers in the place of the names of nodes and of the tensors between them: most of a graph without weights."""
    graph = model.graph
    fixed = {value.name for value in (*graph.input, *graph.output, *graph.initializer)}
    outputs = (name for node in graph.node for name in node.output if name not in fixed)
    short = {name: str(number) for number, name in enumerate(outputs)}
    for node in graph.node:
        node.ClearField("name")
        node.ClearField("doc_string")
        for names in (node.input, node.output):
            names[:] = [short.get(name, name) for name in names]
    del graph.value_info[:]
