"""A program in a process of its own, which answers on its standard output, a line of JSON for each line that it reads.

`{"image": PATH}` is answered with the seconds from the file's bytes to the words, and their polygons;
`{"pages": N, "images": [PATH, …]}` with the memory after each of N pages of random sizes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import cv2
import numpy as np

from benchmarks.prediction.programs import AbsentError, Program, load_program

SIDES = 320, 2000
"""Of the pages of random sizes, pixels."""


def main(name: str, threads: str, weights: str = "") -> None:
    """Serves one program until its input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # programs print to their standard output
    try:
        program = load_program(name, int(threads), weights or None)
    except AbsentError as error:
        _write(answers, {"absent": str(error)})
        return
    _write(answers, {"title": program.title})
    for line in sys.stdin:
        asked = json.loads(line)
        _write(answers, measure_memory(program, **asked) if "pages" in asked else measure_seconds(program, **asked))


def measure_seconds(program: Program, image: str) -> dict[str, Any]:
    """One image, from the bytes of its file to its words."""
    content = Path(image).read_bytes()
    begun = time.perf_counter()
    polygons = program.find(content)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "polygons": [polygon.tolist() for polygon in polygons]}


def measure_memory(program: Program, pages: int, images: Sequence[str]) -> dict[str, Any]:
    """Megabytes after each page; none where the system does not tell."""
    resident = []
    for page in random_pages(images, pages):
        program.find(page)
        resident.append(resident_mb())
    return {"resident": [mb for mb in resident if mb is not None]}


def random_pages(images: Sequence[str], count: int) -> Iterator[bytes]:
    """JPEG files of these images, stretched to any size; the same in every run."""
    random, low, high = np.random.default_rng(0), *np.log(SIDES)
    for number in range(count):
        width, height = (int(side) for side in np.exp(random.uniform(low, high, 2)))
        pixels = cv2.imread(images[number % len(images)])
        yield cv2.imencode(".jpg", cv2.resize(np.asarray(pixels), (width, height)))[1].tobytes()


def resident_mb() -> float | None:
    """Memory of this process that is in use, 10^6 bytes; None without Linux's /proc."""
    file = Path("/proc/self/statm")
    return int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if file.exists() else None


def _write(answers: TextIO, content: dict[str, Any]) -> None:
    answers.write(json.dumps(content) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
