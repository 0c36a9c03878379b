"""An ensemble of prediction files: a vote on their polygons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig

from ocr.datasets.selection import select_images
from ocr.datasets.word_counts import check_scorable
from ocr.ensemble import check_same_names, vote_files, write_voted_folder
from runners.ensembling.labels import Labels
from runners.ensembling.members import Member, prediction_file
from runners.ensembling.run import EnsembleRun
from runners.ensembling.weights import given_weights

ONLY_FOR_MODELS = ("calibration", "save_maps")


def vote_on_members(
    config: DictConfig, members: Sequence[Member], output: Path, root: Path, labels: Labels | None
) -> EnsembleRun:
    """Votes and writes.

    Args:
        config: the command's settings.
        members: prediction files, or folders that have them.
        output: an existing folder.
        root: folder of the data, which `images` is looked up in.
        labels: of the images, where there are any.

    Raises:
        ValueError: if the files do not hold or are of other images, or a setting needs models.
    """
    weights = given_weights(config, len(members))
    given = [name for name in ONLY_FOR_MODELS if config[name] is not None] + (["weights=search"] if not weights else [])
    if given:
        raise ValueError(
            f"expected no {', '.join(given)} with prediction files, which have no probability maps: give checkpoints, "
            "or folders of maps (runners/predict.py … save_maps=FOLDER)"
        )
    paths = [prediction_file(member.path) for member in members]
    voted = vote_files(paths, weights, vote=config.vote, iou_threshold=config.iou_threshold, threads=config.threads)
    if config.images is not None:
        asked = select_images(config.images, root, recursive=config.recursive).filenames
        check_same_names(Path(config.images), asked, paths[0], voted)
    if labels is not None:
        check_same_names(labels.path, labels.annotations, paths[0], voted)
        check_scorable(labels.annotations.values(), str(labels.path))
    write_voted_folder(output, voted)
    settings = {"weights": list(weights or ()), "vote": config.vote, "iou_threshold": config.iou_threshold}
    return EnsembleRun({name: image.detections for name, image in voted.items()}, [], settings)
