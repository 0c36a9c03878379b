"""Seconds, memory and start-up of prediction: ours by each engine, beside the detectors that `pip` installs.

Each program runs in a process of its own and gets the bytes of image files: decoding, network and post-processing
count. All of them take turns for each image, round after round; s/image is the median over the images of the median
over the rounds. Peers are called as their users call them, so their recognisers are loaded, too, but not run.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.peers_accuracy import score
from benchmarks.prediction.programs import ENGINES, PEERS
from benchmarks.report import Row, argument_parser, publish
from ocr.annotations.labelled_images import LabelledImages, read_images
from ocr.geometry.polygons import Polygon

ROOT = Path(__file__).resolve().parents[1]
SETTLED, LEVEL = 100, 1.02
"""Memory is level if after this page it never exceeds what it had reached by more than this factor."""


class Job(NamedTuple):
    """A program that is measured."""

    name: str
    threads: int
    weights: str = ""


class Worker:
    """A program in its process.

    Args:
        job: the program.

    Attributes:
        title: what to call it; empty where it is absent.
        absent: why it is.
    """

    def __init__(self, job: Job) -> None:
        command = [sys.executable, "-m", "benchmarks.prediction.worker", job.name, str(job.threads), job.weights]
        environment = os.environ | {"OMP_NUM_THREADS": str(job.threads), "LOGURU_LEVEL": "ERROR"}
        self.job = job
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started = self._answer()
        self.title, self.absent = started.get("title", ""), started.get("absent", "")

    def ask(self, **question: object) -> dict[str, Any]:
        """Its answer, as `benchmarks.prediction.worker` says."""
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise RuntimeError(f"expected an answer of {self.job}, its process ended: see its message above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


class Measured(NamedTuple):
    """What a worker gave for the images."""

    found: dict[str, list[Polygon]]  # by file name
    seconds: dict[str, list[float]]  # of each round


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures all of them on one split."""
    parser = argument_parser(__doc__, rounds=5)
    parser.add_argument("--root", type=Path, default=Path("data/sample"), help="the data (default: %(default)s)")
    parser.add_argument("--split", default="val", help="whose images are read (default: %(default)s)")
    parser.add_argument("--images", type=int, help="of the split (default: all)")
    everything = [*ENGINES, *PEERS]
    parser.add_argument("--programs", nargs="+", choices=everything, default=everything, help="(default: all)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="of each program (default: 1 2)")
    parser.add_argument("--detector", nargs="+", default=[""], help="others than the shipped one")
    parser.add_argument("--onnxtr", type=Path, help="an ONNX file for OnnxTR, instead of its own weights")
    parser.add_argument("--starts", type=int, default=3, help="processes started to time it (default: %(default)s)")
    parser.add_argument("--pages", type=int, default=300, help="of random sizes, for memory (default: %(default)s)")
    options = parser.parse_args(arguments)
    data = read_images(options.root, options.split).first(options.images)
    onnxtr = str(options.onnxtr.resolve()) if options.onnxtr else ""
    weights = dict.fromkeys(ENGINES, options.detector) | {"onnxtr": [onnxtr]}
    jobs = [
        Job(name, threads, file)
        for name in options.programs
        for file in weights.get(name, [""])
        for threads in options.threads
    ]
    with started(jobs) as (workers, absent):
        measured = take_turns(workers, data, options.rounds)
    rows: list[Row] = []
    for worker, results in zip(workers, measured, strict=True):
        pages = options.pages if worker.job.threads == options.threads[0] else 0  # threads change little about memory
        rows.append(
            {
                "detector": worker.title,
                "threads": worker.job.threads,
                "s/image": statistics.median(map(statistics.median, results.seconds.values())),
                **scores(data, results),
                **measure_process(worker.job, data, options.starts, pages),
            }
        )
    note = f"{len(data.annotations)} images of {options.root.name}/{options.split}, {options.rounds} rounds"
    publish("Prediction end to end", rows, options.json, note="; ".join([note, *absent]))


@contextmanager
def started(jobs: Sequence[Job]) -> Iterator[tuple[list[Worker], list[str]]]:
    """The workers of programs that are here, and why others are not, each said once."""
    with ExitStack() as stack:
        workers, absent = [], {}
        for job in jobs:
            worker = Worker(job)
            stack.callback(worker.close)
            if worker.absent:
                absent[job.name] = f"{job.name} left out: {worker.absent}"
            else:
                workers.append(worker)
        yield workers, list(absent.values())


def take_turns(workers: Sequence[Worker], data: LabelledImages, rounds: int) -> list[Measured]:
    """Words and seconds of each worker; the first round is not counted: it warms up.

    Args:
        workers: each gets an image before the first one gets the next image.
        data: the images.
        rounds: that count, >= 1.
    """
    measured = [Measured({}, {name: [] for name in data.filenames}) for _ in workers]
    for counted in [False] + [True] * rounds:
        for name, path in zip(data.filenames, data.paths, strict=True):
            for worker, results in zip(workers, measured, strict=True):
                answer = worker.ask(image=str(path.resolve()))
                if counted:
                    results.seconds[name].append(answer["seconds"])
                else:
                    results.found[name] = [np.array(polygon, np.float32) for polygon in answer["polygons"]]
    return measured


def scores(data: LabelledImages, results: Measured) -> Row:
    """Both metrics of the words that were found."""
    result = score(data, results.found)
    return {"CLEval H": result.cleval.hmean, "IoU H": result.iou.hmean}


def measure_process(job: Job, data: LabelledImages, starts: int, pages: int) -> Row:
    """Seconds from a process's start to the words of its first image, median; its memory over pages of random sizes."""
    images = [str(path.resolve()) for path in data.paths]
    seconds, resident = [], []
    for number in range(starts):
        begun = time.perf_counter()
        worker = Worker(job)
        worker.ask(image=images[0])
        seconds.append(time.perf_counter() - begun)
        if pages and number == starts - 1:
            resident = worker.ask(pages=pages, images=images)["resident"]
        worker.close()
    return ({"start-up s": statistics.median(seconds)} if seconds else {}) | describe_memory(resident)


def describe_memory(resident: Sequence[float]) -> dict[str, str | int | float]:
    """Columns of the table.

    Args:
        resident: megabytes after each page; none where they are not known.
    """
    if not resident:
        return {}
    settled = resident[:SETTLED]
    shown = {len(settled): settled[-1], len(resident): resident[-1]}
    row: dict[str, str | int | float] = {f"MB, page {page}": mb for page, mb in shown.items()}
    if len(resident) > SETTLED:
        row["level"] = "yes" if max(resident) <= LEVEL * max(settled) else "no"
    return row


if __name__ == "__main__":
    main()
