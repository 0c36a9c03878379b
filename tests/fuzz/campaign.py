"""Many mutated files through one reader, each call watched."""

import random
import resource
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from runners.cli.entry import explain
from tests.fuzz.readers import Reader

LONGEST = 10.0  # seconds that a call may take
LARGEST = 2 << 30  # bytes that the process may grow by
SEED = 0


class Hang(BaseException):
    """No reader catches it."""


class Finding(NamedTuple):
    """An input that the reader did not take or refuse as it should."""

    number: int  # of the input, which the seed and this number make again
    what: str
    content: bytes


class Campaign(NamedTuple):
    inputs: int
    refused: int
    accepted: int
    longest: float  # seconds
    growth: int  # bytes
    findings: list[Finding]


def run_campaign(name: str, reader: Reader, folder: Path, inputs: int, seed: int = SEED) -> Campaign:
    """Reads so many mutated files; the same seed makes the same ones."""
    paths = reader.write(folder)
    whole = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for path in paths:
        reader.read(path)  # the valid ones are taken
    refused, longest, findings, before = 0, 0.0, [], _peak()
    for number in range(inputs):
        rng = random.Random(f"{seed} {name} {number}")
        path = rng.choice(paths)
        for other, content in whole.items():
            if other.read_bytes() != content:
                other.write_bytes(content)
        mutated = reader.mutate(rng, whole[path])
        path.write_bytes(mutated)
        reader.follow(rng, path)
        start = time.perf_counter()
        try:
            with _watched():
                said = _read(reader, path)
        except (Exception, Hang) as error:
            said = "".join(traceback.format_exception(error)[-4:])
            findings.append(Finding(number, said, mutated))
        else:
            refused += said is not None
        longest = max(longest, time.perf_counter() - start)
    return Campaign(inputs, refused, inputs - refused - len(findings), longest, _peak() - before, findings)


def _read(reader: Reader, path: Path) -> str | None:
    """The reader's refusal; None where it took the file. Raises what is neither."""
    try:
        content = reader.read(path)
    except reader.refusals as error:
        message = explain(error)
        if message is None:  # neither raised by this project nor one of the kinds that commands explain
            raise
        if path.name not in message and path.parent.name not in message:
            raise AssertionError(f"a refusal without the file's name: {message}") from error
        message.encode()  # can be printed
        return message
    faults = list(reader.faults(content))
    if faults:
        raise AssertionError(f"nonsense taken: {faults[:3]}")
    return None


@contextmanager
def _watched() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Hang(f"no answer within {LONGEST} s")

    earlier = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
