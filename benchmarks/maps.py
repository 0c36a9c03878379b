"""Times the training maps of 1024 x 1024 receipts: ours, as published, and by doctr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from benchmarks.peers import import_peer
from benchmarks.report import Row, argument_parser, publish, time_in_turn, timing_rows, use_one_thread
from benchmarks.scenes import KINDS, SIDE, Scene, make_scenes
from ocr.label_maps.painting import build_targets
from tests.oracles.published_maps import published_maps


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = argument_parser(__doc__).parse_args(arguments)
    use_one_thread()
    rows: list[Row] = []
    for kind in KINDS:
        functions = _functions(make_scenes(kind, 1)[0], with_doctr=kind == "quads")
        rows += timing_rows(kind, time_in_turn(functions, options.rounds))
    publish("Training maps", rows, options.json, note="ms per image, one thread; doctr takes quads only")


def _functions(scene: Scene, *, with_doctr: bool) -> dict[str, Callable[[], object]]:
    """What makes the maps of one image, ours first."""
    functions: dict[str, Callable[[], object]] = {
        "ours": lambda: build_targets(scene.polygons, scene.ignore, SIDE, SIDE),
        "published algorithm": lambda: published_maps(scene.polygons, scene.ignore, SIDE, SIDE),
    }
    doctr = import_peer("doctr.models.detection.differentiable_binarization.base") if with_doctr else None
    if doctr is not None:
        words = [{"words": np.stack(scene.polygons) / np.float32(SIDE)}]
        functions["doctr"] = partial(doctr._DBNet().build_target, words, (1, SIDE, SIDE))
    return functions


if __name__ == "__main__":
    main()
