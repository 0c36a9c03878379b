"""Find words without torch and without Hydra: `dbnet detect IMAGES…`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import numpy as np

from baseline_code.files.atomic import write_bytes_atomic
from baseline_code.files.shown_text import first_line
from baseline_code.images.encoding import encode_jpeg
from baseline_code.images.listing import images_to_predict
from ocr.detection.detector import Detector
from ocr.detection.engines.engine import Device
from ocr.detection.loading import ENGINES
from ocr.detection.reading import SETTINGS
from ocr.detection.words import Words
from ocr.submission.predictions import PredictedImage, predictions_text, write_predictions
from runners.cli.exit_status import EXIT_FAILED, EXIT_UNREADABLE

JPEG_QUALITY = 90

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `detect`."""
    add = parser.add_argument
    add("images", nargs="+", type=Path, metavar="IMAGE", help="an image file, or a folder of images")
    add("--json", type=Path, metavar="FILE", help="write the words there instead of to the standard output")
    add("--overwrite", action="store_true", help="replace an earlier file of --json")
    add("--overlays", type=Path, metavar="FOLDER", help="also write there each image with its words drawn on it")
    add("--recursive", action="store_true", help="look into the sub-folders of folders, too")
    add("--detector", metavar="PATH", help="a file, folder or name; default: the shipped detector, for receipts")
    add("--engine", choices=list(ENGINES), help="default: the first that is installed")
    add("--device", choices=get_args(Device), default="auto", help="default: what the engine has")
    add("--threads", type=int, metavar="N", help="of the network; default: as many as the engine chooses")
    settings = f"such as box_thresh=0.5; one of {', '.join(SETTINGS)}"
    add("--set", dest="settings", action="append", default=[], type=_setting, metavar="NAME=VALUE", help=settings)


def run(arguments: argparse.Namespace) -> int:
    """Finds the words of all images and writes them.

    Returns:
        The status: 3 where an image cannot be read, 1 where the engine failed on one. Both are named, and left out.

    Raises:
        ValueError: if the detector cannot be loaded, a setting does not hold, or no image is there.
        OSError: if a file cannot be written, or one is there that may not be replaced.
    """
    files = find_files(arguments.images, recursive=arguments.recursive)
    if arguments.json is not None:
        _check_json_file(arguments.json, files, overwrite=arguments.overwrite)
    detector = Detector.load(arguments.detector, arguments.device, arguments.threads, engine=arguments.engine)
    settings = dict(arguments.settings)
    try:
        detector.metadata.reading.asked(settings)  # before any image is read
    except TypeError as error:  # no such setting
        raise ValueError(str(error)) from error
    found: dict[str, Words] = {}
    status = 0
    for name, path in files.items():
        try:
            (found[name],) = detector(path, **settings)
        except (ValueError, OSError) as error:
            log.warning("%s", error)
            status = status or EXIT_UNREADABLE
            continue
        except Exception as error:  # engines' errors, such as of memory, have no common base but Exception
            log.error("%s: %s failed (%s); no words of it", path, detector.engine.name, first_line(error))
            status = EXIT_FAILED
            continue
        log.info("%s: %d words", path, len(found[name]))
        if arguments.overlays is not None:
            write_overlay(arguments.overlays / f"{name}.jpg", found[name], path)
    write_words(found, arguments.json)
    return status


def _check_json_file(path: Path, images: Mapping[str, Path], *, overwrite: bool) -> None:
    """Raises FileExistsError if the file is there already and may not be replaced, or is a folder or an image."""
    if path.is_dir():
        raise FileExistsError(f"{path}: expected a file for words, got a folder: choose another --json FILE")
    if path.exists() and any(path.samefile(image) for image in images.values()):
        raise FileExistsError(f"{path}: expected a file for words, got one of the images: choose another --json FILE")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already: choose another --json FILE, or add --overwrite")


def find_files(paths: Sequence[Path], *, recursive: bool) -> dict[str, Path]:
    """Image files by the names that they get in the JSON: their own, or their path below a folder that was given.

    Raises:
        ValueError: if two have the same name, a path leads nowhere, or a folder holds no image.
    """
    files: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            raise ValueError(f"expected an image or a folder of images at {path}, found nothing there")
        folder = path if path.is_dir() else path.parent
        for name in images_to_predict(path, recursive=recursive) if path.is_dir() else [path.name]:
            if name in files:
                raise ValueError(f"{folder / name}: has the name of {files[name]}; run the command for each of them")
            files[name] = folder / name
    return files


def write_overlay(path: Path, words: Words, image: Path) -> None:
    """Writes an image with its words drawn on it, as JPEG."""
    write_bytes_atomic(path, encode_jpeg(np.asarray(words.draw(image)), JPEG_QUALITY))


def write_words(found: dict[str, Words], path: Path | None) -> None:
    """Writes the prediction JSON into a file, or to the standard output."""
    predictions = {
        name: PredictedImage(
            [word.polygon for word in words],
            np.array([word.score for word in words], np.float32),
            (int(words.width), int(words.height)),
        )
        for name, words in found.items()
    }
    if path is None:
        sys.stdout.write(predictions_text(predictions))
    else:
        write_predictions(path, predictions)


def _setting(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, got {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
