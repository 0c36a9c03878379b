"""Both reference experiments as one detector: the weighted mean of their probability maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.reference_run.plan import FIRST, SECOND
from benchmarks.reference_run.run import Run
from ocr.annotations.reading import read_annotations
from ocr.annotations.words import ImageAnnotation
from ocr.datasets.selection import ImageSelection
from ocr.ensemble import WeightTable, fuse_caches, search_weights
from ocr.ensemble.streaming import detect
from ocr.inference.map_caching import cache_maps
from ocr.postprocess import DBPostProcess
from ocr.probability_maps import MapCache
from ocr.submission import PredictedImage
from ocr.submission.scoring import score_predictions
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_detector, load_settings
from runners.wiring.parts import build_postprocess

THREADS = 8


def measure(run: Run) -> None:
    """Rows for each member and for both, as they see the receipts plainly, then also mirrored.

    Raises:
        ValueError: if one of the experiments left no detector.
    """
    checkpoints = [run.work / name / "checkpoints" / "best.ckpt" for name in (FIRST, SECOND)]
    lacking = [str(path.parents[1].name) for path in checkpoints if not path.is_file()]
    if lacking:
        raise ValueError(f"expected a detector of each experiment, got none of {', '.join(lacking)}")
    labels = read_annotations(run.data / "jsons" / "val.json")
    limit = load_settings(checkpoints[0], Overrides()).datasets["val"]["limit"]
    annotations = dict(list(labels.items())[:limit])
    for flip in (False, True):
        add_rows(run, checkpoints, annotations, flip=flip)


def add_rows(run: Run, checkpoints: Sequence[Path], annotations: Mapping[str, ImageAnnotation], *, flip: bool) -> None:
    """Predicts the maps, then scores each member alone, equal weights, and the weights found on these receipts."""
    overrides = Overrides(datasets={"num_workers": 1 if run.dry else "auto"}, tta={"flip": flip})
    images = ImageSelection(run.data / "images" / "val", list(annotations))
    caches = [
        cache_maps(
            load_detector(path, overrides).detector, images, run.work / f"maps_{number}_{'flip' if flip else 'plain'}"
        )
        for number, path in enumerate(checkpoints)
    ]
    postprocess = build_postprocess(load_settings(checkpoints[0], overrides))
    views = "with its mirror image" if flip else "plain"
    for name, weights in {FIRST: (1.0, 0.0), SECOND: (0.0, 1.0), "both, equal weights": (0.5, 0.5)}.items():
        run.add({"detector": name, "views": views, **score(caches, weights, annotations, postprocess)})
    found = search_weights(WeightTable(caches, annotations, vars(postprocess), threads=THREADS))
    run.add(
        {
            "detector": "both, searched weights",
            "views": views,
            "weights": ", ".join(f"{weight:.2f}" for weight in found.found),
            "hmean": found.cross_fitted_hmean,
            "gain": found.gain.mean,
            "probability_of_gain": found.gain.probability,
        }
    )


def score(
    caches: Sequence[MapCache],
    weights: Sequence[float],
    annotations: Mapping[str, ImageAnnotation],
    postprocess: DBPostProcess,
) -> dict[str, float]:
    """Scores of the mean of maps."""
    found = detect(fuse_caches(caches, weights, threads=THREADS), postprocess)
    result = score_predictions(annotations, {record.filename: PredictedImage(*words) for record, words in found})
    return {
        "precision": result.cleval.precision,
        "recall": result.cleval.recall,
        "hmean": result.cleval.hmean,
        "iou_hmean": result.iou.hmean,
    }
