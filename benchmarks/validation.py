"""What post-processing and metrics add to the forward passes of a validation: one after the other, and overlapped.

Generated receipts with about 110 regions lie in memory, so that no time goes into loading. The network has random
weights and would find nothing: it runs in full, and then each image's own map, such as a trained network gives, takes
the place of what it found. On a CPU torch has one thread, as if the network ran on a device of its own; with more
(`--threads`) it uses the same cores as the post-processing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import torch
from torch import Tensor

from benchmarks.report import Row, argument_parser, publish, time_in_turn
from benchmarks.scenes import SIDE, Scene, make_scenes
from benchmarks.training_step import compose_preset
from ocr.annotations.records import ImageRecord
from ocr.datasets.evaluation import EvaluationBatch, ViewPlace
from ocr.lightning_modules import TextDetectionModule
from ocr.metrics import EvaluationResult, Evaluator
from ocr.transforms.tta_views import Fade
from runners.wiring.training import build_module

BATCH = 4
ON_CUDA = torch.cuda.is_available()


def main(arguments: Sequence[str] | None = None) -> None:
    """Time the forward passes alone, and validations with metrics."""
    parser = argument_parser(__doc__, rounds=9)
    preset, images = ("resnet50_unet_1024", 64) if ON_CUDA else ("mobilenetv3_fpn_640", 8)
    parser.add_argument("--preset", default=preset, help="whose network (default here: %(default)s)")
    parser.add_argument("--images", type=int, default=images, help="receipts (default here: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of torch (default: %(default)s)")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    torch.set_num_threads(options.threads)
    settings = compose_preset(options.preset)
    module = build_module(settings).eval().to("cuda" if ON_CUDA else "cpu")
    scenes = make_scenes("quads", options.images)
    side = settings.datasets["val"]["img_size"]
    batches = [
        make_batch(scenes[start : start + BATCH], start, side, module.device) for start in range(0, len(scenes), BATCH)
    ]
    answer_with(module, {id(batch.chunks[0]): make_maps(scenes, batch, module.device) for batch in batches})
    functions: dict[str, Callable[[], object]] = {
        "forward passes alone": lambda: run_forward(module, batches),
        "validation, one after the other": lambda: validate_serially(module, batches),
        "validation, overlapped (ours)": lambda: validate(module, batches),
    }
    with torch.inference_mode():
        timings = time_in_turn(functions, options.rounds)
    alone = timings["forward passes alone"]
    rows: list[Row] = [
        {
            "work": name,
            "median ms": timing.median / len(scenes),
            "fastest ms": timing.fastest / len(scenes),
            "times the forward passes": timing.median / alone.median,
        }
        for name, timing in timings.items()
    ]
    note = f"per image of {side} px; threads of torch: {options.threads}"
    publish(f"Validation, {options.preset}", rows, options.json, note=note)


def make_batch(scenes: Sequence[Scene], start: int, side: int, device: torch.device) -> EvaluationBatch:
    """Receipts seen at `side` px, blank: what the network does takes equally long for all images."""
    matrix = np.diag([SIDE / side, SIDE / side, 1.0])
    records = tuple(
        ImageRecord(str(start + number), SIDE, SIDE, matrix, tuple(scene.polygons), tuple(scene.ignore))
        for number, scene in enumerate(scenes)
    )
    images = torch.full((len(scenes), side, side, 3), 255, dtype=torch.uint8, device=device)
    places = tuple((ViewPlace(0, number, matrix, 1.0, Fade()),) for number in range(len(scenes)))
    return EvaluationBatch((images.permute(0, 3, 1, 2),), places, records)


def make_maps(scenes: Sequence[Scene], batch: EvaluationBatch, device: torch.device) -> Tensor:
    """(N, 1, H, W) probability maps of the batch's receipts, float32."""
    size = tuple(batch.chunks[0].shape[-2:])
    own = [scenes[int(record.filename)].probability for record in batch.records]
    maps = [cv2.resize(probability, size, interpolation=cv2.INTER_AREA) for probability in own]
    return torch.from_numpy(np.stack(maps)[:, None]).to(device)


def answer_with(module: TextDetectionModule, maps: dict[int, Tensor]) -> None:
    """Lets the module run its network, and answer with the maps of the batch that it got."""
    run = module.predict_probability

    def answer(images: Tensor) -> Tensor:
        run(images)
        return maps[id(images)]

    module.predict_probability = answer  # type: ignore[method-assign]


def run_forward(module: TextDetectionModule, batches: Sequence[EvaluationBatch]) -> None:
    """The network alone."""
    for batch in batches:
        module.predict_probability(batch.chunks[0])
    if ON_CUDA:
        torch.cuda.synchronize()


def validate(module: TextDetectionModule, batches: Sequence[EvaluationBatch]) -> EvaluationResult:
    """What Lightning calls."""
    module.on_validation_epoch_start()
    for index, batch in enumerate(batches):
        module.validation_step(batch, index)
    return module.collect_scores()


def validate_serially(module: TextDetectionModule, batches: Sequence[EvaluationBatch]) -> EvaluationResult:
    """The same scores without threads: post-processing and metrics of a batch, then the next forward pass."""
    evaluator = Evaluator()
    for batch in batches:
        maps = module.predict_probability(batch.chunks[0])[:, 0].cpu().numpy()
        for record, probability in zip(batch.records, maps, strict=True):
            size = record.width_original, record.height_original
            found = module.postprocess(probability, record.input_to_original, *size)
            evaluator.update(record.filename, record.polygons, record.ignore, found.polygons, found.scores)
    return evaluator.compute()


if __name__ == "__main__":
    main()
