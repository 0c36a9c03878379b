"""Mutated files: each reader takes one that still makes sense, or refuses it in the project's own words.

The words name the file; no other error passes, no number that makes no sense, no name that leads out of the folder, no
call of more than 10 s or 2 GiB. `make fuzz` runs the long form.
"""

import logging
import os
import tempfile
import time
from pathlib import Path

import pytest

from tests.fuzz.campaign import LARGEST, LONGEST, run_campaign
from tests.fuzz.mutations import mutate_json
from tests.fuzz.readers import READERS

SHORT = 60
LONG = int(os.environ.get("FUZZ_INPUTS", "10000"))
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))


@pytest.fixture
def folder(tmp_path):
    """In memory, where there is such a place: each input is a file."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as place:
        yield Path(place)


@pytest.fixture(autouse=True)
def quiet():
    """Warnings of the readers, thousands of them, are not printed."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def check(campaign):
    first = [f"input {finding.number}: {finding.what}\n{finding.content[:300]!r}" for finding in campaign.findings[:3]]
    assert not first, f"{len(campaign.findings)} of {campaign.inputs}:\n" + "\n".join(first)
    assert campaign.refused > 0
    assert campaign.accepted > 0
    assert campaign.longest < LONGEST
    assert campaign.growth < LARGEST


@pytest.mark.parametrize("name", READERS)
def test_a_mutated_file_is_taken_or_refused(name, folder):
    check(run_campaign(name, READERS[name], folder, SHORT // READERS[name].slowness))


NO_DOCUMENTS = (
    b"",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b"null",
    b"[]",
    b'{"files": 3}',
)


@pytest.mark.parametrize("name", [name for name, reader in READERS.items() if reader.mutate is mutate_json])
def test_a_file_of_something_else_is_refused_with_its_name(name, folder):
    reader = READERS[name]
    for path in reader.write(folder):
        for content in NO_DOCUMENTS:
            path.write_bytes(content)
            with pytest.raises(reader.refusals, match=path.name):
                reader.read(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_thousands_of_mutated_files_are_taken_or_refused(name, folder, rows):
    start = time.perf_counter()
    campaign = run_campaign(name, READERS[name], folder, LONG, FIRST_SEED + 1)
    figures = (campaign.inputs, campaign.refused, campaign.accepted, len(campaign.findings))
    seconds = (f"{campaign.longest:.2f} s", f"{time.perf_counter() - start:.0f}")
    rows.append((name, *(f"{figure:,}" for figure in figures), *seconds))
    check(campaign)


def test_the_same_seed_makes_the_same_files(folder):
    reader = READERS["annotations"]
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    first = run_campaign("annotations", reader, folder / "a", 20)
    assert run_campaign("annotations", reader, folder / "b", 20)[:3] == first[:3]
    assert (folder / "a/file.json").read_bytes() == (folder / "b/file.json").read_bytes()
