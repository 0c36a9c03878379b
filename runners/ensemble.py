"""Several models as one: `python runners/ensemble.py members=[a.ckpt,b.ckpt]`, or `members=[a.csv,b.csv] vote=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("ensemble")  # before torch is imported

import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from baseline_code.files.claims import refuse_overwrite
from baseline_code.files.names import default_output, rename_like, same_name
from baseline_code.images.reading import why_unreadable
from baseline_code.images.unreadable import UnreadableImage
from ocr.annotations.labelled_images import LabelledImages, Labels, read_labels
from ocr.annotations.layout import images_of
from ocr.datasets.selection import ImageSelection, select_images
from ocr.datasets.word_counts import check_scorable
from ocr.ensemble import check_same_names, vote_files
from ocr.ensemble.member_maps import Member, find_text, member_maps, unread_images
from ocr.experiments.provenance import git_commit
from ocr.experiments.recording import record_submission
from ocr.inference.origins import checkpoints_behind
from ocr.metrics import EvaluationResult
from ocr.probability_maps import MapCache, MapCacheWriter
from ocr.probability_maps.cache_index import INDEX
from ocr.report import Report, ReportedRun
from ocr.submission import PredictedImage
from ocr.submission.prediction_folder import claimed_folder, write_prediction_files, write_prediction_folder
from ocr.submission.scoring import score_predictions
from runners.cli.exit_status import EXIT_UNREADABLE
from runners.cli.settings import Settings
from runners.wiring.detector import split_root
from runners.wiring.ensemble_members import (
    EnsembleSettings,
    given_weights,
    prediction_file,
    read_members,
    reading_settings,
)
from runners.wiring.ensemble_weights import find_weights
from runners.wiring.parts import SIZE, build_postprocess
from runners.wiring.scored import explain_scores
from runners.wiring.training import count_trained_on

log = logging.getLogger(__name__)


class EnsembleRun(NamedTuple):
    """What the members found together."""

    detections: Mapping[str, PredictedImage]  # by file name, in the order of the CSV's rows
    unreadable: Sequence[UnreadableImage]
    settings: Mapping[str, Any]  # that matter, plain JSON, for the ledger
    folder: Path | None  # of the images, where they were named
    checkpoints: Sequence[Path] = ()  # behind the maps


@entry_point("ensemble")
def main(**typed: object) -> None:
    """Fuses or votes, writes as predict does, scores where there are labels; status 3 where a file was unreadable."""
    asked = EnsembleSettings.of(typed)
    members = read_members(asked)
    if asked.images is None and any(member.load is not None for member in members):
        asked = replace(asked, images="test")
    settings = reading_settings(members[0], asked.overrides)
    labels = read_labels(asked.annotations, asked.images, Path(settings.datasets["root"]))
    if labels is not None:
        check_scorable(labels.annotations.values(), str(labels.path))
    report = _open_report(asked, labels)
    with claimed_folder(asked.output, default_output(), overwrite=asked.overwrite) as output:
        join = _vote if members[0].is_predictions else _fuse
        run = join(asked, members, output, settings, labels)
        scores = None if labels is None else _score(run, labels, asked, report)
        trained = labels is not None and _count_trained_on(run, labels, asked) > 0
        record_submission(
            output,
            checkpoints=[member.path for member in members],
            settings={**run.settings, **({"validation": "training images"} if trained else {})},
            validation=scores.cleval._asdict() if scores else None,
            commit=git_commit(),
            ledger=None if asked.ledger is None else Path(asked.ledger),
        )
        count = len(run.detections) + len(run.unreadable)
        log.info("%d images, %d unreadable; predictions are in %s", count, len(run.unreadable), output)
        if run.unreadable:
            sys.exit(EXIT_UNREADABLE)


def _fuse(
    asked: EnsembleSettings, members: list[Member], output: Path, settings: Settings, labels: Labels | None
) -> EnsembleRun:
    """The mean of the models' probability maps, then one post-processing.

    Raises:
        ValueError: if members or labels are of other images, or weights cannot be used or found.
    """
    if asked.vote is not None:
        raise ValueError("expected no vote with models: it is for prediction files; maps are averaged by weights=[…]")
    weights = given_weights(asked.weights, len(members))
    if asked.save_maps is not None:  # refused now, and not after hours
        refuse_overwrite(Path(asked.save_maps) / INDEX, overwrite=asked.overwrite, hint="choose another save_maps=")
    images = None
    if asked.images is not None:
        images = select_images(asked.images, split_root(settings, asked.images), recursive=asked.recursive)
    filenames = list(MapCache(members[0].path).filenames) if images is None else images.filenames
    if labels is not None:
        check_same_names(labels.path, labels.annotations, output, filenames)
    if weights is None:
        same = asked.search["images"] == asked.images
        weights = find_weights(asked, members, settings, output / ("members" if same else "search")).weights
    caches = member_maps(members, images, output / "members", overwrite=asked.overwrite)
    if images is not None and all(member.load is None for member in members):
        _check_covered(images, caches[0])
    with _map_writer(asked, caches, weights) as writer:
        found = find_text(
            caches, build_postprocess(settings), weights, space=asked.space, threads=asked.threads, writer=writer
        )
    read = rename_like({record.filename: PredictedImage(*words) for record, words in found}, filenames)
    unreadable = [] if images is None else unread_images(images, read)
    write_prediction_folder(output, filenames, found, unreadable)
    matters = {
        "weights": list(weights),
        "space": asked.space,
        "models": {"head": settings.models["head"]},
        **{name: [cache.source.get(name) for cache in caches] for name in (*SIZE, "tta")},
        "calibration": asked.overrides.calibration,
    }
    folder = None if images is None else images.folder
    return EnsembleRun(read, unreadable, matters, folder, checkpoints_behind(caches))


def _check_covered(images: ImageSelection, cache: MapCache) -> None:
    """Refuses maps of other images than these; one that cannot be read has no map.

    Raises:
        ValueError: naming them.
    """
    mapped = set(map(same_name, cache.filenames))
    expected = [
        name for name in images.filenames if same_name(name) in mapped or why_unreadable(images.folder / name) is None
    ]
    check_same_names(images.folder, expected, cache.folder, cache.filenames)


def _map_writer(
    asked: EnsembleSettings, caches: list[MapCache], weights: tuple[float, ...]
) -> MapCacheWriter | nullcontext[None]:
    """What keeps the fused maps in `save_maps`; nothing where that is null."""
    if asked.save_maps is None:
        return nullcontext()
    if Path(asked.save_maps).resolve() in {cache.folder.resolve() for cache in caches}:
        raise ValueError(f"expected save_maps to be another folder than the members', got {asked.save_maps}")
    members = [dict(cache.source) for cache in caches]
    source = {"members": members, "weights": list(weights), "space": asked.space, "commit": git_commit()}
    return MapCacheWriter(asked.save_maps, bits=asked.save_maps_bits, source=source, overwrite=asked.overwrite)


def _vote(
    asked: EnsembleSettings, members: list[Member], output: Path, settings: Settings, labels: Labels | None
) -> EnsembleRun:
    """A vote on the polygons of prediction files.

    Raises:
        ValueError: if the files do not hold or are of other images, or a setting needs models.
    """
    weights = given_weights(asked.weights, len(members))
    only_for_models = {"calibration": asked.overrides.calibration, "save_maps": asked.save_maps}
    given = [name for name, value in only_for_models.items() if value is not None]
    given += ["weights=search"] if not weights else []
    if given:
        raise ValueError(
            f"expected no {', '.join(given)} with prediction files, which have no probability maps: give checkpoints, "
            "or folders of maps (runners/predict.py … save_maps=FOLDER)"
        )
    paths = [prediction_file(member.path) for member in members]
    voted = vote_files(paths, weights, vote=asked.vote, iou_threshold=asked.iou_threshold, threads=asked.threads)
    folder = None
    if asked.images is not None:
        folder, named = select_images(asked.images, split_root(settings, asked.images), recursive=asked.recursive)
        check_same_names(Path(asked.images), named, paths[0], voted)
    if labels is not None:
        check_same_names(labels.path, labels.annotations, paths[0], voted)
    write_prediction_files(output, list(voted), voted, {})
    matters = {"weights": list(weights or ()), "vote": asked.vote, "iou_threshold": asked.iou_threshold}
    return EnsembleRun(voted, [], matters, folder)


def _open_report(asked: EnsembleSettings, labels: Labels | None) -> Report | None:
    """The report that was asked for.

    Raises:
        ValueError: if there are no labels or images to show.
        FileExistsError: if its folder holds something else.
    """
    if asked.report is not None and (labels is None or asked.images is None):
        raise ValueError("expected images= and labels for report=, got none: give images=val, or annotations= as well")
    return None if asked.report is None else Report(asked.report)


def _count_trained_on(run: EnsembleRun, labels: Labels, asked: EnsembleSettings) -> int:
    """How many of the scored images a member has learnt from; where no images were named, those of the layout."""
    folder = run.folder or images_of(labels.path)
    return count_trained_on(run.checkpoints, [folder / name for name in run.detections], asked.overrides)


def _score(run: EnsembleRun, labels: Labels, asked: EnsembleSettings, report: Report | None) -> EvaluationResult:
    scores = score_predictions(labels.annotations, run.detections)
    named, annotations = rename_like(run.detections, labels.annotations), list(labels.annotations.values())
    polygons = {name: found.polygons for name, found in named.items()}
    errors = explain_scores(annotations, polygons, scores, worst=asked.worst)
    if report is not None and run.folder is not None:
        if asked.save_maps is not None:
            report.add_maps(MapCache(asked.save_maps))
        images = LabelledImages.in_folder(annotations, run.folder)
        page = report.write(images, [ReportedRun("ensemble", named, scores, errors)])
        log.info("%s: open it in a browser", page)
    return scores


if __name__ == "__main__":
    main()
