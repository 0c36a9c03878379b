"""Convert labels of any format: `python runners/convert.py input=labels output=data/mine split=0.8,0.1,0.1`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("convert")  # before torch is imported

import logging
import shlex
from dataclasses import replace
from pathlib import Path

from omegaconf import DictConfig

from baseline_code.files.claims import claimed
from ocr.annotations.conversion import choose_predictions, read_labels, write_labels, write_project
from ocr.annotations.formats.interface import LabelSettings
from ocr.annotations.formats.recognition import PROJECT
from ocr.cross_validation import Grouping
from ocr.cross_validation.parts import assign_parts, read_fractions
from runners.cli.settings import plain

log = logging.getLogger(__name__)


@entry_point("convert")
def main(config: DictConfig) -> None:
    """Reads labels, splits them where that is asked for, and writes them with their images."""
    read_fractions(config.split)  # or a wrong one is refused after all images are read
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
        ignored = sum(sum(image.annotation.ignore) for image in chosen)
        beside = f", {ignored} of them ignored" if ignored else ""
        log.info("%s: %s, %d images, %d words%s", output, part, len(chosen), words, beside)
    if config.to == PROJECT:
        log.info("next: python runners/doctor.py %s", shlex.quote(f"datasets.root={output}"))


if __name__ == "__main__":
    main()
