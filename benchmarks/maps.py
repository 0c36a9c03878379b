"""Times the training maps of 1024 x 1024 receipts: in a worker, on the device, as published, and by doctr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch

from benchmarks.peers import import_peer
from benchmarks.report import Row, Timing, parse_arguments, publish, time_in_turn, timing_rows, use_one_thread
from benchmarks.scenes import KINDS, SIDE, Scene, make_scenes
from ocr.label_maps.device_maps import TargetPolygons
from ocr.label_maps.painting import build_targets
from ocr.label_maps.polygon_chunks import chunk_polygons
from ocr.label_maps.shrinking import prepare_polygons
from tests.oracles.published_maps import published_maps

BATCH = 4
"""Images that the device draws at once."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table.

    Args:
        arguments: instead of the process's own.
    """
    options = parse_arguments(__doc__, arguments)
    use_one_thread()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rows: list[Row] = []
    for kind in KINDS:
        scenes = make_scenes(kind, BATCH)
        on_device = f"ours, drawn on {device.type}, batch of {BATCH}"
        functions = _functions(scenes[0], with_doctr=kind == "quads")
        timings = time_in_turn({**functions, on_device: partial(_draw, _pack(scenes, device))}, options.rounds)
        timings[on_device] = Timing(*(milliseconds / BATCH for milliseconds in timings[on_device]))
        rows += timing_rows(kind, timings)
    publish("Training maps", rows, options.json, note="ms per image, one thread; doctr takes quads only")


def _functions(scene: Scene, *, with_doctr: bool) -> dict[str, Callable[[], object]]:
    """What makes the maps of one image, ours first."""
    functions: dict[str, Callable[[], object]] = {
        "ours": lambda: build_targets(scene.polygons, scene.ignore, SIDE, SIDE),
        "ours, polygons for the device": lambda: _pack([scene], torch.device("cpu")),
        "published algorithm": lambda: published_maps(scene.polygons, scene.ignore, SIDE, SIDE),
    }
    doctr = import_peer("doctr.models.detection.differentiable_binarization.base") if with_doctr else None
    if doctr is not None:
        words = [{"words": np.stack(scene.polygons) / np.float32(SIDE)}]
        functions["doctr"] = partial(doctr._DBNet().build_target, words, (1, SIDE, SIDE))
    return functions


def _pack(scenes: Sequence[Scene], device: torch.device) -> TargetPolygons:
    """What the workers prepare of a batch, on its device."""
    polygons = [prepare_polygons(scene.polygons, scene.ignore) for scene in scenes]
    chunks = chunk_polygons(polygons, [(SIDE, SIDE)] * len(scenes))
    return TargetPolygons((len(scenes), SIDE, SIDE), chunks).moved(lambda tensor: tensor.to(device))


def _draw(polygons: TargetPolygons) -> None:
    """Draw a batch's maps, and wait until they are there."""
    maps = polygons.as_floats()
    if maps.threshold.is_cuda:
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
