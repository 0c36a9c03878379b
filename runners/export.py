"""Write a detector as files that other programs read: `python runners/export.py checkpoint_path=… output=…`."""

from __future__ import annotations

import importlib.util
import sys

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("export")  # before torch is imported
    if importlib.util.find_spec("onnx") is None:  # without it nothing of ocr.export can be imported
        sys.exit("expected the package onnx, not installed: pip install -e '.[export]'")

import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from baseline_code.files.shown_text import listed
from baseline_code.images.reading import read_image
from ocr.datasets.selection import select_images
from ocr.detection.engines.torch_engine import TorchEngine
from ocr.detection.metadata import Metadata
from ocr.detection.reading import Reading
from ocr.export.formats import FILES, FORMATS, INT8_FILE, export, missing_packages
from ocr.export.host_settings import fit_unclip_ratio
from ocr.export.parity import LEAST_FIXED_HMEAN, Parity, ParityCheck
from ocr.models.detector import pick_architecture
from runners.cli.exit_status import EXIT_FAILED
from runners.wiring.checkpoints import Overrides
from runners.wiring.detector import LoadedDetector, load_detector, read_labelled, split_root
from runners.wiring.typed import typed_settings

WRITTEN = re.compile(r"datasets\.(root|padding|test\.(img_size|resize|max_side))|models\.head\.\w+")
"""What may be typed: where the pages are, and what goes into the files."""

log = logging.getLogger(__name__)


@entry_point("export")
def main(
    checkpoint_path: str,
    output: str,
    overwrite: bool,
    formats: Sequence[str],
    description: str | None,
    images: str,
    limit: int,
    int8: bool,
    **overrides: object,
) -> None:
    """Writes the formats; exits with status 1 where one differs too much from the network."""
    folder, unknown = Path(output), sorted(set(formats) - set(FORMATS))
    if unknown:
        raise ValueError(f"expected formats out of {', '.join(FORMATS)}, got {', '.join(unknown)}")
    if absent := missing_packages(formats):
        raise ValueError(
            f"formats={','.join(formats)}: expected the packages for them, not installed: {', '.join(absent)}; "
            "pip install -e '.[export]'"
        )
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        raise FileExistsError(f"{folder} holds files already: choose another output=, or set overwrite=true")
    typed = Overrides.of(overrides)
    _check_written(typed)
    typed = replace(typed, models={**typed.models, "compile": False}, trainer={**typed.trainer, "accelerator": "cpu"})
    loaded = load_detector(checkpoint_path, typed)
    chosen = select_images(images, split_root(loaded.settings, images))
    pages = [read_image(chosen.folder / name) for name in chosen.filenames[:limit]]
    network = loaded.detector.network
    check = ParityCheck(
        TorchEngine(network, "cpu"), Reading(loaded.detector.views.base, loaded.detector.postprocess), pages
    )
    metadata = _describe(loaded, check, description or Path(checkpoint_path).name)
    failed = []
    for name in formats:
        files, parity = export(name, network, metadata, folder, check)
        numbers = "maps differ by %.1e at most, H against the network's %d words %.4f"
        values = (parity.difference, parity.words, parity.hmean)
        if files:
            size = sum(file.stat().st_size for file in files) / 1e6
            log.info(f"%s: {numbers}; %.2f MB", name, *values, size)
            _log_fixed_size(name, parity, check.reading)
        else:
            log.error(f"%s: not written: {numbers}", name, *values)
            failed.append(name)
    written = {FILES[name] for name in formats if name not in failed}
    if int8 and _try_int8(loaded, metadata, folder, images):
        written.add(INT8_FILE)
    _warn_of_earlier(folder, written)
    if failed:
        sys.exit(EXIT_FAILED)


def _check_written(typed: Overrides) -> None:
    """Refuses settings of a prediction: an export writes and compares one plain view, in single precision on the CPU.

    Raises:
        ValueError: naming those that were typed.
    """
    unread = [key for key in typed_settings(typed) if not WRITTEN.fullmatch(key)]
    if unread:
        raise ValueError(
            f"expected settings that go into the files (models.head.…, datasets.padding, datasets.test.…), got "
            f"{', '.join(unread)}: leave them out, they are for predict and evaluate"
        )


def _warn_of_earlier(folder: Path, written: Collection[str]) -> None:
    """Names files in the folder that this export did not write: they may be of another detector."""
    earlier = [file for file in (*FILES.values(), INT8_FILE) if file not in written and (folder / file).is_file()]
    if earlier:
        log.warning("%s: of an earlier export, maybe of another detector: %s", folder, listed(earlier))


def _log_fixed_size(name: str, parity: Parity, reading: Reading) -> None:
    """What a file's fixed size costs, as a warning where it is much."""
    if parity.fixed_hmean is not None:
        level = logging.INFO if parity.fixed_hmean >= LEAST_FIXED_HMEAN else logging.WARNING
        log.log(
            level,
            "%s: at its fixed size, against the network's words at %s, H %.4f",
            *(name, reading.letterbox, parity.fixed_hmean),
        )


def _describe(loaded: LoadedDetector, check: ParityCheck, description: str) -> Metadata:
    """What the files say of the detector, with the unclip ratio for programs that know no exact unclip."""
    reading, network = check.reading, check.network
    maps = (reading.predict(page, network) for page in check.pages)
    return Metadata(
        reading.changed({"unclip_ratio": fit_unclip_ratio(maps, reading.postprocess)}),
        network=pick_architecture(loaded.settings.models),
        fingerprint=loaded.detector.source["checkpoint_sha256"],
        description=description,
    )


def _try_int8(loaded: LoadedDetector, metadata: Metadata, output: Path, split: str) -> bool:
    """Writes the file in 8 bits if its score holds; returns whether it did."""
    from ocr.export.int8 import export_int8  # here: few ask for it

    images = [read_labelled(loaded.settings, name) for name in ("train", split)]
    path, hmean, hmean_single = export_int8(loaded.detector.network, metadata, output, *images)
    numbers = "CLEval H on %d images %.4f, in single precision %.4f"
    values = (len(images[1].annotations), hmean, hmean_single)
    if path is None:
        log.warning(f"int8: none is written: {numbers}", *values)
    else:
        log.info(f"int8: {numbers}; %.2f MB", *values, path.stat().st_size / 1e6)
    return path is not None


if __name__ == "__main__":
    main()
