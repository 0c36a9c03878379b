"""A detector's folder: weights and settings in a state file, and a graph beside it that reads them from there."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper
from onnx.numpy_helper import to_array

from baseline_code.files.atomic import write_bytes_atomic
from ocr.detection.colours import Colours
from ocr.detection.metadata import KEY, Metadata
from ocr.detection.state_file import Weights, find_tensors, read_state_file, write_state_file
from ocr.export.onnx_graph import shorten_names, to_onnx
from ocr.export.purposes import HostNetwork
from ocr.models import TextDetector
from ocr.starts.naming import GRAPH, STATE_FILE


def write_state_folder(network: TextDetector, metadata: Metadata, folder: Path) -> list[Path]:
    """Writes `detector.safetensors`, and `detector.onnx` for engines other than torch.

    The graph has no weights of its own: its tensors are those bytes of the state file, made single precision again when
    it is loaded. So one set of weights in half precision serves every engine.

    Args:
        network: in evaluation mode, on the CPU.
        metadata: kept in both files.
        folder: where to; made if it is not there.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state_file, graph = folder / STATE_FILE, folder / GRAPH
    weights = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    write_state_file(state_file, weights, metadata)
    stored = read_state_file(state_file).weights
    model = to_onnx(HostNetwork(_rounded(network, stored), Colours()))
    _refer_to(state_file, stored, model)
    shorten_names(model)
    helper.set_model_props(model, {KEY: metadata.to_json()})
    write_bytes_atomic(graph, model.SerializeToString())
    return [state_file, graph]


def _rounded(network: TextDetector, stored: Weights) -> TextDetector:
    """The network with the stored weights: what tracing folds together is then made of them, too."""
    rounded = copy.deepcopy(network)
    rounded.load_state_dict({name: torch.from_numpy(value) for name, value in stored.items()}, strict=False)
    return rounded


def _refer_to(state_file: Path, stored: Weights, model: onnx.ModelProto) -> None:
    """Replaces the graph's tensors by those of a state file in its folder; what is not in it as it is stays."""
    places = find_tensors(state_file)
    tensors, casts = [], []
    for tensor in model.graph.initializer:
        name = tensor.name.removeprefix("network.")
        if name not in stored or not _is_the_same(to_array(tensor), stored[name]):
            tensors.append(tensor)
            continue
        is_half = stored[name].dtype == "float16"
        kind = TensorProto.FLOAT16 if is_half else TensorProto.FLOAT
        reference = TensorProto(
            name=name if is_half else tensor.name, dims=tensor.dims, data_type=kind, data_location=TensorProto.EXTERNAL
        )
        start, length = places[name]
        for key, value in (("location", state_file.name), ("offset", start), ("length", length)):
            reference.external_data.add(key=key, value=str(value))
        tensors.append(reference)
        if is_half:
            casts.append(helper.make_node("Cast", [name], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    for field, values in ((model.graph.initializer, tensors), (model.graph.node, nodes)):
        del field[:]
        field.extend(values)


def _is_the_same(traced: npt.NDArray[np.number], stored: npt.NDArray[np.number]) -> bool:
    return np.array_equal(traced.astype(stored.dtype), stored)
