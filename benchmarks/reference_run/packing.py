"""One folder with what a bare machine lacks: receipts, smaller than the originals, and wheels."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from baseline_code.files.atomic import write_text_atomic
from baseline_code.files.json_file import write_json
from baseline_code.images.encoding import encode_jpeg
from baseline_code.images.reading import read_image
from baseline_code.images.scaling import shrink
from benchmarks.reference_run.machine import LIMIT, MIB, PACK, ROOT, SOURCES, WHEELS, pinned
from ocr.annotations.reading import read_annotations
from ocr.annotations.words import ImageAnnotation
from ocr.experiments.provenance import git_commit

SPLITS = ("train", "val")
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_27_x86_64", "manylinux_2_28_x86_64")
PYTHON = "3.12"


class Sizes(NamedTuple):
    """Bytes that travel."""

    tree: int  # the repository's files, without weights/*/*.bin
    receipts: int
    wheels: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)


def pack(output: Path, receipts: Path, *, long_side: int, quality: int, wheels: bool = True) -> Sizes:
    """Writes `receipts/` and `wheels/` below a new folder.

    Args:
        output: the folder; must be empty or missing.
        receipts: the data, in the project's layout, with the splits train and val.
        long_side: of the images, px; smaller ones stay as they are.
        quality: of their JPEG, 1 to 100.
        wheels: also fetch the wheels.

    Returns:
        What travels.

    Raises:
        FileExistsError: if the folder holds files.
        ocr.annotations.faults.AnnotationError: if the receipts cannot be read.
        RuntimeError: if a wheel cannot be had.
        ValueError: if more than 60 MiB would travel; nothing is left in the folder then.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise FileExistsError(
            f"expected --output to be an empty or new folder, got {output}; remove it or take another"
        )
    counts = {split: shrink_split(receipts, output / "receipts", split, long_side, quality) for split in SPLITS}
    facts = {"long_side": long_side, "quality": quality, "images": counts, "commit": git_commit()}
    write_json(output / "receipts" / PACK, facts)
    (output / "wheels").mkdir()
    if wheels:
        fetch_wheels(output / "wheels")
    sizes = Sizes(tree_bytes(ROOT, without=output), folder_bytes(output / "receipts"), folder_bytes(output / "wheels"))
    if sizes.total > LIMIT:
        shutil.rmtree(output)
        raise ValueError(
            f"expected at most {LIMIT / MIB:.0f} MiB to travel, got {describe(sizes)}: lower --long-side or --quality"
        )
    return sizes


def describe(sizes: Sizes) -> str:
    """In words, MiB."""
    tree, receipts, wheels = (size / MIB for size in sizes)
    return (
        f"{sizes.total / MIB:.1f} MiB: tree {tree:.1f} (without weights/*/*.bin), "
        f"receipts {receipts:.1f}, wheels {wheels:.1f}"
    )


def shrink_split(source: Path, target: Path, split: str, long_side: int, quality: int) -> int:
    """Writes a split's images as JPEG, no side longer than `long_side` px, and the labels that training needs.

    Returns:
        How many images.
    """
    folder = target / "images" / split
    folder.mkdir(parents=True)
    (target / "jsons").mkdir(exist_ok=True)
    images = {}
    for filename, annotation in read_annotations(source / "jsons" / f"{split}.json").items():
        pixels = read_image(source / "images" / split / filename)
        height, width = pixels.shape[:2]
        shrunk = shrink(pixels, long_side)
        name = str(Path(filename).with_suffix(".jpg"))
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(encode_jpeg(shrunk, quality))
        words = _scaled_words(annotation, shrunk.shape[1] / width, shrunk.shape[0] / height)
        images[name] = {"img_w": shrunk.shape[1], "img_h": shrunk.shape[0], "words": words}
    labels = json.dumps({"images": images}, separators=(",", ":"))
    write_text_atomic(target / "jsons" / f"{split}.json", labels + "\n")
    return len(images)


def _scaled_words(annotation: ImageAnnotation, scale_x: float, scale_y: float) -> dict[str, Mapping[str, object]]:
    """Points to a twentieth of a pixel, and whether they are ignored."""
    words: dict[str, Mapping[str, object]] = {}
    for word in annotation.words:
        points = [[round(float(x) * scale_x, 1), round(float(y) * scale_y, 1)] for x, y in word.polygon]
        words[word.id] = {"points": points, "illegibility": True} if word.ignore else {"points": points}
    return words


def fetch_wheels(folder: Path) -> None:
    """Downloads the wheels for Linux x86-64 and builds those of pure Python that the index has as source.

    Raises:
        RuntimeError: with pip's words.
    """
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    target = ["--python-version", PYTHON, "--implementation", "cp", *platforms, "--only-binary=:all:"]
    _pip("download", "--no-deps", *target, "--dest", str(folder), *pinned(WHEELS))
    _pip("wheel", "--no-deps", "--wheel-dir", str(folder), *pinned(SOURCES))


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"expected wheels by `pip {' '.join(arguments)}`, got: {done.stderr.strip()}")


def folder_bytes(folder: Path) -> int:
    """Of all files below it."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def tree_bytes(root: Path, without: Path) -> int:
    """Of the files that git tracks or does not ignore, without shipped weights and the files of one folder."""
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=root)
    files = [root / name for name in listed.split("\0") if name]
    return sum(
        file.stat().st_size
        for file in files
        if file.is_file() and not file.match("weights/*/*.bin") and without.resolve() not in file.resolve().parents
    )


def _git(*arguments: str, cwd: Path) -> str:
    return subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=True).stdout
