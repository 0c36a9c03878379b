"""What is wrong with a data set, and what it asks of a detector: `python runners/doctor.py datasets.root=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("doctor")  # before torch is imported

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track

from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.files.json_file import write_json
from baseline_code.files.names import rename_like
from baseline_code.images.encoding import encode_png
from ocr.data_report.advice import advise_preset
from ocr.data_report.charts import plot_words
from ocr.data_report.label_errors import Suspect, rank_label_errors
from ocr.data_report.printing import print_report
from ocr.data_report.report import DataReport, Use, inspect_data
from ocr.data_report.sheets import draw_samples, draw_suspects
from ocr.inference.origins import check_maps_not_trained_on
from ocr.probability_maps import MapCache
from ocr.visualization.figures import save_figure
from runners.cli.exit_status import EXIT_FAILED
from runners.cli.quoting import quoted
from runners.cli.settings import Group, Settings
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import load_settings_of_maps
from runners.wiring.parts import build_letterbox, build_postprocess
from runners.wiring.training import training_paths


@entry_point("doctor")
def main(
    written: Group,
    parts: Sequence[str] | None,
    maps: str | None,
    allow_leak: bool,
    hash_distance: int,
    strict: bool,
    examples: int,
    output: str | None,
) -> None:
    """Looks at everything, reports it, and exits with status 1 where there is an error (with `strict` a warning)."""
    settings = Settings.of(written)
    report = inspect_data(
        Path(settings.datasets["root"]), build_use(settings, hash_distance), splits=parts, track=track
    )
    if maps is not None:
        report = replace(report, suspects=rank_suspects(maps, report, allow_leak=allow_leak))
    print_report(report, examples=examples)
    console = Console()
    if report.advice is not None and not report.count("error"):
        shapes = report.shapes[settings.datasets["train"]["split"]]
        advice = advise_preset(shapes, report.advice.img_size, accelerator=torch.cuda.is_available())
        console.print(training_command(settings, advice), soft_wrap=True, highlight=False, markup=False)
    if output is not None:
        write_report(report, Path(output))
        console.print(f"charts, sheets and report.json: {output}", soft_wrap=True, highlight=False)
    errors, warnings = report.count("error"), report.count("warning")
    console.print(f"errors: {errors}, warnings: {warnings}, notes: {report.count('note')}", highlight=False)
    if errors or (warnings and strict):
        sys.exit(EXIT_FAILED)


def build_use(settings: Settings, hash_distance: int) -> Use:
    """What the data are for.

    Args:
        settings: of a training with these data.
        hash_distance: bits that may differ in perceptual hashes of images that look alike.
    """
    train, val = (settings.datasets[split]["split"] for split in ("train", "val"))
    also = [Path(folder) for folder in settings.datasets["train"]["also"]]
    return Use(train, val, also, build_letterbox(settings, "val"), build_postprocess(settings), hash_distance)


def rank_suspects(maps: str, report: DataReport, *, allow_leak: bool) -> Sequence[Suspect]:
    """Likely label errors by maps that were predicted out of fold, or by a detector that trained on other images.

    Maps are read as their checkpoint says, or by the defaults where it is not at hand: that is a warning.

    Args:
        maps: their folder.
        report: of the labels.
        allow_leak: take maps of a detector that was trained on these images.

    Raises:
        ocr.probability_maps.CacheError: if maps are damaged, or of other images.
        ocr.annotations.leaks.LeakError: if a detector was trained on these images, unless `allow_leak`.
    """
    cache = MapCache(maps)
    held = set(cache.filenames)
    images = {name: image for name, image in rename_like(report.labelled_images, held).items() if name in held}
    if not allow_leak:
        paths = [image.path for _, image in images.values()]
        check_maps_not_trained_on(cache, paths, lambda checkpoint: training_paths(checkpoint, Overrides()))
    postprocess = build_postprocess(load_settings_of_maps(cache, Overrides()))
    labels = {name: label for name, (label, _) in images.items()}
    return rank_label_errors(cache.labelled(labels), labels, postprocess)


def training_command(settings: Settings, advice: str) -> str:
    """What a shell takes to train on the data that were inspected."""
    words = [f"datasets.root={settings.datasets['root']}"]
    if also := settings.datasets["train"]["also"]:
        words.append(f"datasets.train.also=[{','.join(map(quoted, also))}]")
    return f"python runners/train.py {shlex.join(words)} {advice}"


def write_report(report: DataReport, folder: Path) -> None:
    """Writes `report.json`, `words.png`, `samples_<split>.png`, and with maps `label_errors.png`.

    The samples of a folder that is trained on beside the training split are numbered, from `samples_train_2.png` on.
    """
    write_json(folder / "report.json", report.to_dict())
    save_figure(plot_words(report.shapes, report.letterbox), folder / "words.png", dots_per_inch=100)
    others = count(2)
    for split in report.splits:
        number = "" if split.trained_with is None else f"_{next(others)}"
        write_bytes_atomic(folder / f"samples_{split.role}{number}.png", encode_png(draw_samples(split)))
    if report.suspects is not None:
        sheet = draw_suspects(report.suspects, report.labelled_images)
        write_bytes_atomic(folder / "label_errors.png", encode_png(sheet))


if __name__ == "__main__":
    main()
