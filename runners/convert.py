"""Convert labels of any format: `python runners/convert.py input=labels output=data/mine split=0.8,0.1,0.1`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("convert")  # before torch is imported

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from omegaconf import DictConfig

from baseline_code.files.claims import claimed
from baseline_code.files.names import is_plain_file_name
from ocr.annotations.conversion import (
    DEFAULT_PART,
    LabelledImage,
    as_labelled_images,
    read_labels,
    write_labels,
    write_project,
)
from ocr.annotations.formats.interface import LabelSettings
from ocr.annotations.formats.recognition import FORMATS, PROJECT
from ocr.cross_validation.splitting import Grouping, split_by_fractions
from runners.cli.settings import plain

PARTS = ("train", "val", "test")

log = logging.getLogger(__name__)


@entry_point("convert")
def main(config: DictConfig) -> None:
    """Reads labels, splits them where that is asked for, and writes them with their images."""
    settings = LabelSettings(label=config.label, voc_one_based=config.voc_one_based, **plain(config.label_studio))
    images = None if config.images is None else Path(config.images)
    labelled = read_labels(Path(config.input), images, config["from"], settings)
    settings = replace(settings, predictions=choose_predictions(labelled, config.to, config.predictions))
    grouping = Grouping(config.hash_distance, config.text_similarity, config.group)
    parts = assign_parts(labelled, config.split, config.seed, grouping)
    output = Path(config.output)
    with claimed(output):
        if config.to == PROJECT:
            write_project(output, parts, config.image_files)
        for part, chosen in parts.items():
            if config.to != PROJECT:
                folder = output / part if len(parts) > 1 else output
                write_labels(folder, chosen, config.to, replace(settings, part=part), config.image_files)
    for part, chosen in parts.items():
        words = sum(len(image.annotation.words) for image in chosen)
        log.info("%s: %s, %d images, %d words", output, part, len(chosen), words)


def choose_predictions(images: Sequence[LabelledImage], to: str, predictions: bool | None) -> bool:
    """Whether words are written as predictions, for a person to correct: those with confidences are, unless told.

    Args:
        images: as read.
        to: name of the format that is written.
        predictions: as the setting says; None: found out.

    Raises:
        ValueError: if predictions would be taken for labels unasked.
    """
    if predictions is None:
        predictions = any(image.annotation.scores is not None for image in images)
    correcting = [name for name, one in FORMATS.items() if one.for_correction]
    if predictions and to not in correcting:
        raise ValueError(
            f"expected labels for to={to}, got predictions (they have confidences): to={', '.join(correcting)} lets "
            "people correct them, predictions=false takes them for labels as they are"
        )
    return predictions


def assign_parts(
    images: Sequence[LabelledImage], split: str | Sequence[float] | None, seed: int, grouping: Grouping
) -> dict[str, list[LabelledImage]]:
    """The images of each part of the data.

    Args:
        images: all of them.
        split: name of the part; or fractions for train, val and test, as text or numbers; None: the parts that the
            labels state, else train.
        seed: of fractions.
        grouping: what fractions keep together.

    Raises:
        ValueError: if the split is neither, or leaves a part empty.
    """
    fractions = read_fractions(split)
    if fractions is None:
        names = [str(split or image.part or DEFAULT_PART) for image in images]
        return {
            name: [image for image, own in zip(images, names, strict=True) if own == name]
            for name in dict.fromkeys(names)
        }
    wanted = {name: fraction for name, fraction in zip(PARTS, fractions, strict=False) if fraction}
    assigned = split_by_fractions(as_labelled_images(images), list(wanted.values()), seed, grouping)
    return {name: [images[index] for index in part] for name, part in zip(wanted, assigned, strict=True)}


def read_fractions(split: str | Sequence[float] | None) -> list[float] | None:
    """The fractions in a split, as text or numbers; None where it names a part, or nothing.

    Raises:
        ValueError: if they do not sum to 1, are not two or three, or it is no name either.
    """
    fields = split.strip("[]").split(",") if isinstance(split, str) else split or ()
    try:
        fractions = [float(field) for field in fields]
    except ValueError:
        fractions = []
    if fractions and (
        len(fractions) not in (2, len(PARTS)) or min(fractions) < 0 or not math.isclose(sum(fractions), 1, abs_tol=1e-6)
    ):
        raise ValueError(
            f"expected fractions of {', '.join(PARTS)} that sum to 1, such as split=0.8,0.1,0.1, got {split}"
        )
    named = isinstance(split, str) and "," not in split and is_plain_file_name(split)
    if not fractions and split is not None and not named:
        raise ValueError(f"expected split to be the name of a part or fractions such as 0.8,0.1,0.1, got {split}")
    return fractions or None


if __name__ == "__main__":
    main()
