"""Training samples of the preset resnet50_unet_1024 from JPEG files on one core: all of it, each stage, a usual way."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, cast

import cv2
import numpy as np
import numpy.typing as npt

from baseline_code.images.reading import DecodedImage, open_image, read_image
from benchmarks.report import Row, Timing, argument_parser, publish, time_in_turn, timing_rows, use_one_thread
from benchmarks.scenes import REGIONS, write_receipts
from benchmarks.training_step import compose_preset
from ocr.datasets.batch import DetectionSample, collate
from ocr.datasets.datamodule import DetectionDataModule
from ocr.datasets.dataset import DECODING_RESERVE, DetectionDataset, TrainingDataset
from ocr.label_maps.painting import build_targets
from ocr.transforms.geometric import Transform
from ocr.transforms.pixels import PixelAugmentation
from ocr.transforms.warping import PADDING_COLOUR, WarpedPolygons, warp_image, warp_polygons
from runners.wiring.training import build_datamodule
from synthetic.receipts import GeneratedImage, generate_receipt

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
import albumentations as A

PRESET = "resnet50_unet_1024"
WIDTHS = (560, 640, 720, 960)
HEIGHT = 1280
PHOTO = (3000, 4000)
BATCH = 4
SAMPLES = {"receipts": 16, "photos": 4}
"""Files by kind: JPEG of generated receipts, 1280 px high as they are, or enlarged to what a phone takes."""


class Sample(NamedTuple):
    """What the stages make of one image, one after the other."""

    path: Path
    transform: Transform
    decoded: DecodedImage
    placed: npt.NDArray[np.uint8]
    words: WarpedPolygons
    done: DetectionSample


def main(arguments: Sequence[str] | None = None) -> None:
    """Time each kind of image."""
    options = argument_parser(__doc__, rounds=9).parse_args(arguments)
    use_one_thread()
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        for kind, count in SAMPLES.items():
            receipts = [_draw(number, width, enlarged=kind == "photos") for number, width in enumerate(WIDTHS)]
            write_receipts(Path(folder), kind, receipts, count)
            for row in timing_rows(kind, time_split(Path(folder), kind, options.rounds)):
                rows.append({**row, "images/s": 1e3 / cast(float, row["median ms"])})
    note = "per image; a single augmentation's time is multiplied with its probability"
    publish("Loading, one core", rows, options.json, note=note)


def _draw(number: int, width: int, *, enlarged: bool) -> GeneratedImage:
    receipt = _generate(number, width)
    if not enlarged:
        return receipt
    factors = np.array([PHOTO[0] / width, PHOTO[1] / HEIGHT], np.float32)
    image = np.asarray(cv2.resize(receipt.image, PHOTO, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    return receipt._replace(image=image, polygons=[polygon * factors for polygon in receipt.polygons])


@cache
def _generate(number: int, width: int) -> GeneratedImage:
    return generate_receipt(7, number, width=width, height=HEIGHT, regions=REGIONS)


def time_split(root: Path, kind: str, rounds: int) -> dict[str, Timing]:
    """Milliseconds per image of all of it, and of what it is made of."""
    joined = cast(TrainingDataset, _datamodule(root, kind, num_workers=0).train_dataloader().dataset)
    dataset = cast(DetectionDataset, joined.datasets[0])
    loader = _datamodule(root, kind, num_workers=1).train_dataloader()
    indices = range(SAMPLES[kind])
    samples = [_take_steps(dataset, index) for index in indices]
    epochs = count()  # each round draws anew
    usual = _usual_pipeline(cast(PixelAugmentation, dataset.sampling.pixels))
    work: dict[str, Callable[[], object]] = {
        "all of it": lambda: _batches([dataset[epoch, index] for epoch in [next(epochs)] for index in indices]),
        "in one worker": lambda: [len(batch.records) for batch in loader],
        **_stages(dataset, samples),
        "usual, no maps": lambda: [_run_usual(usual, dataset, index) for index in indices],
    }
    fractions = {name: probability for name, probability, _ in _augmentations(dataset)}
    return {
        name: Timing(*(value * fractions.get(name, 1.0) / len(indices) for value in timing))
        for name, timing in time_in_turn(work, rounds).items()
    }


def _batches(samples: Sequence[DetectionSample]) -> list[int]:
    """Collates batch by batch, none of which is kept."""
    return [len(collate(samples[start : start + BATCH]).records) for start in range(0, len(samples), BATCH)]


def _datamodule(root: Path, kind: str, *, num_workers: int) -> DetectionDataModule:
    """The preset's data, its training split being one kind of file."""
    data = (f"datasets.root={root}", f"datasets.train.split={kind}", f"datasets.num_workers={num_workers}")
    return build_datamodule(compose_preset(PRESET, f"trainer.batch_size={BATCH}", *data))


def _take_steps(dataset: DetectionDataset, index: int) -> Sample:
    """What `dataset[0, index]` does, step by step."""
    labels = dataset.images.annotations[index]
    path = dataset.images.folders[index] / labels.filename
    rng = np.random.default_rng((dataset.seed, 0, index))
    with open_image(path) as file:
        transform = dataset.sampling.transform(file.width, file.height, labels.polygons, rng)
        decoded = file.decode(scale=DECODING_RESERVE * transform.largest_scale)
    placed = warp_image(decoded.pixels, transform, decoded.pixels_to_original)
    words = warp_polygons(labels.polygons, labels.ignore, transform)
    return Sample(path, transform, decoded, placed, words, dataset[0, index])


def _stages(dataset: DetectionDataset, samples: Sequence[Sample]) -> dict[str, Callable[[], object]]:
    """Each stage for all samples, from what the stage before has made."""
    generators = [np.random.default_rng(index) for index in range(len(samples))]
    labels = dataset.images.annotations

    def read() -> None:
        for sample in samples:
            with open_image(sample.path) as file:
                file.decode(scale=DECODING_RESERVE * sample.transform.largest_scale)

    def applied(change: PixelAugmentation) -> Callable[[], object]:
        return lambda: [change(one.placed, rng) for one, rng in zip(samples, generators, strict=True)]

    return {
        "read and decode": read,
        "  at full resolution": lambda: [read_image(one.path) for one in samples],
        "place pixels": lambda: [warp_image(one.decoded[0], one.transform, one.decoded[1]) for one in samples],
        "augment pixels": applied(cast(PixelAugmentation, dataset.sampling.pixels)),
        **{name: applied(change) for name, _, change in _augmentations(dataset)},
        "place polygons": lambda: [
            warp_polygons(label.polygons, label.ignore, one.transform)
            for label, one in zip(labels, samples, strict=True)
        ],
        "training maps": lambda: [
            build_targets(one.words.polygons, one.words.ignore, one.transform.height_input, one.transform.width_input)
            for one in samples
        ],
        "collate": lambda: _batches([one.done for one in samples]),
    }


def _augmentations(dataset: DetectionDataset) -> list[tuple[str, float, PixelAugmentation]]:
    """(name, probability, itself alone and certain) of each group of pixel augmentations."""
    probabilities: Mapping[str, float] = {
        name: value for name, value in vars(dataset.sampling.pixels).items() if isinstance(value, float)
    }
    off = dict.fromkeys(probabilities, 0.0)
    return [
        (f"  {name} {probability:.0%}", probability, PixelAugmentation(**off | {name: 1.0}))
        for name, probability in probabilities.items()
    ]


def _usual_pipeline(pixels: PixelAugmentation) -> A.Compose:
    """The same kinds of change in albumentations alone: resize, pad, warp, one operation after the other."""
    return A.Compose(
        [
            A.LongestMaxSize(1024, interpolation=cv2.INTER_AREA),
            A.PadIfNeeded(1024, 1024, fill=PADDING_COLOUR),
            A.Affine(scale=(0.7, 1.5), rotate=(-4, 4), translate_percent=(-0.1, 0.1), fill=PADDING_COLOUR, p=1),
            A.OneOf([A.RandomBrightnessContrast(0.3, 0.3, p=1), A.RandomGamma((60, 160), p=1)], p=pixels.light),
            A.OneOf([A.HueSaturationValue(10, 30, 0, p=1), A.ToGray(p=0.5)], p=pixels.colour),
            A.RandomShadow(p=pixels.shadow),
            A.OneOf([A.GaussianBlur((3, 5), p=1), A.MotionBlur((3, 5), p=1)], p=pixels.blur),
            A.GaussNoise(std_range=(0.01, 0.06), p=pixels.noise),
            A.ImageCompression(quality_range=(40, 90), p=pixels.compression),
        ],
        keypoint_params=A.KeypointParams(format="xy", remove_invisible=False),
        seed=0,
    )


def _run_usual(pipeline: A.Compose, dataset: DetectionDataset, index: int) -> object:
    labels = dataset.images.annotations[index]
    image = np.asarray(cv2.imread(str(dataset.images.folders[index] / labels.filename)), dtype=np.uint8)
    return pipeline(image=cv2.cvtColor(image, cv2.COLOR_BGR2RGB), keypoints=np.concatenate(labels.polygons))


if __name__ == "__main__":
    main()
