"""Convert labels of any format: `python runners/convert.py input=labels output=data/mine split=0.8,0.1,0.1`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("convert")  # before torch is imported

import logging
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from baseline_code.files.claims import claimed
from ocr.annotations.conversion import choose_predictions, read_labels, write_labels, write_project
from ocr.annotations.formats.interface import LabelSettings
from ocr.annotations.formats.recognition import PROJECT
from ocr.cross_validation import Grouping
from ocr.cross_validation.random_splits import assign_splits, read_fractions
from runners.cli.settings import Group

log = logging.getLogger(__name__)


@entry_point("convert")
def main(
    input: str,
    images: str | None,
    to: str,
    output: str,
    split: str | Sequence[float] | None,
    image_files: Literal["auto", "link", "copy"],
    predictions: bool | None,
    seed: int,
    hash_distance: int | None,
    text_similarity: float | None,
    group: str | None,
    label: str,
    voc_one_based: bool,
    label_studio: Group,
    **others: str | None,
) -> None:
    """Reads labels, splits them where that is asked for, and writes them with their images."""
    read_fractions(split)  # or a wrong one is refused after all images are read
    settings = LabelSettings(label=label, voc_one_based=voc_one_based, **label_studio)
    source = others["from"]  # a name that no parameter may have
    labelled = read_labels(Path(input), None if images is None else Path(images), source, settings)
    settings = replace(settings, predictions=choose_predictions(labelled, to, predictions))
    splits = assign_splits(labelled, split, seed, Grouping(hash_distance, text_similarity, group))
    target = Path(output)
    with claimed(target):
        if to == PROJECT:
            write_project(target, splits, image_files)
        else:
            write_labels(target, splits, to, settings, image_files)
    for name, chosen in splits.items():
        words = sum(len(image.annotation.words) for image in chosen)
        ignored = sum(sum(image.annotation.ignore) for image in chosen)
        beside = f", {ignored} of them ignored" if ignored else ""
        log.info("%s: %s, %d images, %d words%s", target, name, len(chosen), words, beside)
    if to == PROJECT:
        log.info("next: python runners/doctor.py %s", shlex.quote(f"datasets.root={target}"))


if __name__ == "__main__":
    main()
