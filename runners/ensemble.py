"""Several models as one: `python runners/ensemble.py members=[a.ckpt,b.ckpt]`, or `members=[a.csv,b.csv] vote=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("ensemble")  # before torch is imported

import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig

from baseline_code.files.names import rename_like
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.optional_labels import Labels, read_labels
from ocr.annotations.records import UnreadableImage
from ocr.datasets.selection import select_images
from ocr.datasets.word_counts import check_scorable
from ocr.ensemble import check_same_names, vote_files, write_voted_folder
from ocr.ensemble.member_maps import Member, member_maps
from ocr.ensemble.text_of_maps import find_text
from ocr.experiments.recording import record_submission
from ocr.metrics import EvaluationResult
from ocr.postprocess import Detections
from ocr.probability_maps import MapCache, MapCacheWriter
from ocr.report import Report, ReportedRun
from ocr.submission import PredictedImage
from ocr.submission.prediction_folder import claimed_folder, write_prediction_folder
from ocr.submission.scoring import score_predictions
from runners.cli.settings import plain
from runners.predict import EXIT_UNREADABLE
from runners.wiring.commit import git_commit
from runners.wiring.ensemble_members import given_weights, prediction_file, read_members, reading_settings
from runners.wiring.ensemble_weights import find_weights
from runners.wiring.parts import SIZE, build_postprocess
from runners.wiring.scored import explain_scores

ONLY_FOR_MODELS = ("calibration", "save_maps")

log = logging.getLogger(__name__)


class EnsembleRun(NamedTuple):
    """What the members found together."""

    detections: Mapping[str, Detections]  # by file name, in the order of the CSV's rows
    unreadable: Sequence[UnreadableImage]
    settings: Mapping[str, Any]  # that matter, plain JSON, for the ledger


@entry_point("ensemble")
def main(config: DictConfig) -> None:
    """Fuses or votes, writes as predict does, scores where there are labels; status 3 where a file was unreadable."""
    members = read_members(config)
    if config.images is None and any(member.load is not None for member in members):
        config.images = "test"
    settings = reading_settings(members[0], config)
    labels = read_labels(config.annotations, config.images, Path(settings.datasets.root))
    report = _open_report(config, labels)
    default = f"submissions/{datetime.now():%Y-%m-%d_%H-%M-%S}"
    with claimed_folder(config.output, default, overwrite=config.overwrite) as output:
        join = _vote if members[0].is_predictions else _fuse
        run = join(config, members, output, settings, labels)
        scores = None if labels is None else _score(run, labels, config, settings, report)
        record_submission(
            output,
            checkpoints=[member.path for member in members],
            settings=run.settings,
            validation=scores.cleval._asdict() if scores else None,
            commit=git_commit(),
            ledger=None if config.ledger is None else Path(config.ledger),
        )
        log.info("%d images, %d unreadable; predictions lie in %s", len(run.detections), len(run.unreadable), output)
        if run.unreadable:
            sys.exit(EXIT_UNREADABLE)


def _fuse(
    config: DictConfig, members: list[Member], output: Path, settings: DictConfig, labels: Labels | None
) -> EnsembleRun:
    """The mean of the models' probability maps, then one post-processing.

    Raises:
        ValueError: if members or labels are of other images, or weights cannot be used or found.
    """
    if config.vote is not None:
        raise ValueError("expected no vote with models: it is for prediction files; maps are averaged by weights=[…]")
    weights = given_weights(config.weights, len(members))
    images = None
    if config.images is not None:
        images = select_images(config.images, Path(settings.datasets.root), recursive=config.recursive)
    caches = member_maps(members, images, output / "members", overwrite=config.overwrite)
    if images is not None and all(member.load is None for member in members):
        check_same_names(images.folder, images.filenames, caches[0].folder, caches[0].filenames)
    filenames = list(caches[0].filenames) if images is None else images.filenames
    if labels is not None:
        check_same_names(labels.path, labels.annotations, output, filenames)
        check_scorable(labels.annotations.values(), str(labels.path))
    if weights is None:
        same = config.search.images == config.images
        weights = find_weights(config, members, settings, output / ("members" if same else "search")).weights
    with _map_writer(config, caches, weights) as writer:
        found = find_text(
            caches, build_postprocess(settings), weights, space=config.space, threads=config.threads, writer=writer
        )
    read = {record.filename: detections for record, detections in found}
    unreadable = [UnreadableImage(name, f"{name}: could not be read") for name in filenames if name not in read]
    write_prediction_folder(output, filenames, found, unreadable)
    matters = {
        "weights": list(weights),
        "space": config.space,
        "models": {"head": plain(settings.models.head, resolve=True)},
        **{name: [cache.source.get(name) for cache in caches] for name in (*SIZE, "tta")},
        "calibration": config.calibration,
    }
    return EnsembleRun(read, unreadable, matters)


def _map_writer(
    config: DictConfig, caches: list[MapCache], weights: tuple[float, ...]
) -> MapCacheWriter | nullcontext[None]:
    """What keeps the fused maps in `save_maps`; nothing where that is null."""
    if config.save_maps is None:
        return nullcontext()
    if Path(config.save_maps).resolve() in {cache.folder.resolve() for cache in caches}:
        raise ValueError(f"expected save_maps to be another folder than the members', got {config.save_maps}")
    members = [dict(cache.source) for cache in caches]
    source = {"members": members, "weights": list(weights), "space": config.space, "commit": git_commit()}
    return MapCacheWriter(config.save_maps, bits=config.save_maps_bits, source=source, overwrite=config.overwrite)


def _vote(
    config: DictConfig, members: list[Member], output: Path, settings: DictConfig, labels: Labels | None
) -> EnsembleRun:
    """A vote on the polygons of prediction files.

    Raises:
        ValueError: if the files do not hold or are of other images, or a setting needs models.
    """
    weights = given_weights(config.weights, len(members))
    given = [name for name in ONLY_FOR_MODELS if config[name] is not None] + (["weights=search"] if not weights else [])
    if given:
        raise ValueError(
            f"expected no {', '.join(given)} with prediction files, which have no probability maps: give checkpoints, "
            "or folders of maps (runners/predict.py … save_maps=FOLDER)"
        )
    paths = [prediction_file(member.path) for member in members]
    voted = vote_files(paths, weights, vote=config.vote, iou_threshold=config.iou_threshold, threads=config.threads)
    if config.images is not None:
        asked = select_images(config.images, Path(settings.datasets.root), recursive=config.recursive).filenames
        check_same_names(Path(config.images), asked, paths[0], voted)
    if labels is not None:
        check_same_names(labels.path, labels.annotations, paths[0], voted)
        check_scorable(labels.annotations.values(), str(labels.path))
    write_voted_folder(output, voted)
    matters = {"weights": list(weights or ()), "vote": config.vote, "iou_threshold": config.iou_threshold}
    return EnsembleRun({name: image.detections for name, image in voted.items()}, [], matters)


def _open_report(config: DictConfig, labels: Labels | None) -> Report | None:
    """The report that was asked for.

    Raises:
        ValueError: if there are no labels or images to show.
        FileExistsError: if its folder holds something else.
    """
    if config.report is not None and (labels is None or config.images is None):
        raise ValueError("expected images= and labels for report=, got none: give images=val, or annotations= as well")
    return None if config.report is None else Report(config.report)


def _score(
    run: EnsembleRun, labels: Labels, config: DictConfig, settings: DictConfig, report: Report | None
) -> EvaluationResult:
    predictions = {name: PredictedImage(*found) for name, found in run.detections.items()}
    scores = score_predictions(labels.annotations, predictions)
    named, annotations = rename_like(predictions, labels.annotations), list(labels.annotations.values())
    polygons = {name: found.polygons for name, found in named.items()}
    errors = explain_scores(annotations, polygons, scores, worst=config.worst)
    if report is not None:
        if config.save_maps is not None:
            report.add_maps(MapCache(config.save_maps))
        folder = select_images(config.images, Path(settings.datasets.root), recursive=config.recursive).folder
        images = LabelledImages(annotations, [folder] * len(annotations))
        page = report.write(images, [ReportedRun("ensemble", named, scores, errors)])
        log.info("%s: open it in a browser", page)
    return scores


if __name__ == "__main__":
    main()
