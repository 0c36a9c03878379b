"""Prediction files of several members, as one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np

from baseline_code.files.names import rename_like
from baseline_code.threads import map_in_order
from ocr.ensemble.box_vote import check_vote, vote_polygons
from ocr.ensemble.clusters import count_common
from ocr.ensemble.members import check_same_names
from ocr.probability_maps.fusion import normalise_weights
from ocr.submission import PredictedImage, read_predictions, read_submission
from ocr.submission.prediction_folder import PREDICTIONS, SUBMISSION

STRANGE = 0.1
"""Fraction of the words of two members below which they hardly saw the same images."""

log = logging.getLogger(__name__)


def vote_files(
    paths: Sequence[Path],
    weights: Sequence[float] | None = None,
    *,
    vote: float | None = None,
    iou_threshold: float = 0.5,
    threads: int = 2,
) -> dict[str, PredictedImage]:
    """Vote on the words of prediction files, image by image; see `vote_polygons`.

    Two members that agree on less than a tenth of their words are named in a warning.

    Args:
        paths: a JSON or a leaderboard CSV of each member, all of the same images. A `predictions.json` has the images
            of the CSV beside it, too, which also names those that could not be read.
        weights: one for each member, >= 0, one of them above 0; None: all equal.
        vote: fraction of the weight that must agree, in (0, 1]; None: more than half.
        iou_threshold: of polygons that mean the same word, in (0, 1).
        threads: images worked on at a time.

    Returns:
        What the members agree on, by file name, in the order of the first file; with the size of an image where a
        member's file gives it.

    Raises:
        ValueError: if a file does not hold, or files differ in their images or in an image's size: these are named.
    """
    fractions = normalise_weights(weights, len(paths))
    check_vote(vote, iou_threshold)
    members = [_read_member(path) for path in paths]
    for path, member in zip(paths[1:], members[1:], strict=True):
        check_same_names(paths[0], members[0], path, member)
    members = [rename_like(member, members[0]) for member in members]
    _warn_of_disagreement(paths, members, iou_threshold)
    member_words = [[member[filename] for member in members] for filename in members[0]]
    sizes = [_common_size(filename, images) for filename, images in zip(members[0], member_words, strict=True)]
    voted = map_in_order(
        partial(vote_polygons, weights=fractions, vote=vote, iou_threshold=iou_threshold), member_words, threads
    )
    return {name: PredictedImage(*found, size) for name, size, found in zip(members[0], sizes, voted, strict=True)}


def _read_member(path: Path) -> dict[str, PredictedImage]:
    """Words by file name, in the order of the CSV that lies beside a folder's JSON; none in unreadable images."""
    words, csv = read_predictions(path), path.with_name(SUBMISSION)
    if path.name != PREDICTIONS or not csv.is_file():
        return words
    nothing = PredictedImage([], np.zeros(0, dtype=np.float32))
    return {name: words.get(name, nothing) for name in (*read_submission(csv), *words)}


def _warn_of_disagreement(
    paths: Sequence[Path], members: Sequence[Mapping[str, PredictedImage]], iou_threshold: float
) -> None:
    """One line for each two members that have next to no word in common, as where one is of images of another size."""
    for (path, member), (other_path, other) in combinations(zip(paths, members, strict=True), 2):
        words, others = (sum(len(image.polygons) for image in one.values()) for one in (member, other))
        common = sum(count_common(member[name].polygons, other[name].polygons, iou_threshold) for name in member)
        if common < STRANGE * min(words, others):
            log.warning(
                "%s and %s agree on %d words of %d and %d: are both of these images at the same size?",
                *(path, other_path, common, words, others),
            )


def _common_size(filename: str, images: Sequence[PredictedImage]) -> tuple[int, int] | None:
    sizes = sorted({image.size for image in images if image.size is not None})
    if len(sizes) > 1:
        raise ValueError(
            f"{filename}: expected one width and height in all members' files, got {sizes}: were they predicted on the "
            "same images, with EXIF orientation applied?"
        )
    return sizes[0] if sizes else None
