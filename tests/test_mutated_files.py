"""Files that a program or a person has changed at random: each reader takes them or refuses them in its own words."""

import copy
import json
import random

import pytest

from baseline_code.files.manifest import MANIFEST, Manifest
from baseline_code.weights.reading import read_weights
from baseline_code.weights.shipped import PretrainedWeightsError, read_manifest
from ocr.annotations.faults import AnnotationError
from ocr.annotations.fold_split import (
    Fold,
    FoldSplit,
    FoldSplitError,
    FoldStatistics,
    read_fold_split,
    write_fold_split,
)
from ocr.annotations.reading import read_annotations
from ocr.calibration import Calibration, CalibrationError, read_calibration, write_calibration
from ocr.experiments.provenance import PROVENANCE, Provenance, Source, read_provenance, write_provenance
from ocr.metrics import Ratios
from ocr.probability_maps import CacheError
from ocr.probability_maps.cache_index import CachedImage, CacheIndex, read_index, write_index
from ocr.statistics import PairedGain
from ocr.submission import SubmissionError, read_predictions

MUTATIONS = 300
ODD = (
    None,
    True,
    -1,
    0,
    2**70,
    1e30,
    float("nan"),
    float("inf"),
    "",
    "../x",
    "${oc.env:HOME}",
    [],
    {},
    [[]],
    {"a": {}},
)


def places(value, path=()):
    """Every place in a JSON document, by the keys that lead there."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def mutate(document, rng):
    """One value replaced, removed, or put into a list; or the text cut or changed in one character."""
    document = copy.deepcopy(document)
    where = rng.choice([path for path in places(document) if path])
    parent = document
    for key in where[:-1]:
        parent = parent[key]
    kind = rng.randrange(5)
    if kind == 0:
        del parent[where[-1]]
    elif kind == 1:
        parent[where[-1]] = [parent[where[-1]]]
    else:
        parent[where[-1]] = copy.deepcopy(rng.choice(ODD))
    text = json.dumps(document)
    if kind == 4:
        place = rng.randrange(len(text))
        text = rng.choice([text[:place], text[:place] + rng.choice('{}[],:"9x\x00') + text[place + 1 :]])
    return text


def write_labels(folder):
    points = [[1, 2], [30, 2], [30, 12], [1, 12]]
    words = {"1": {"points": points, "transcription": "a", "illegibility": False, "confidence": 0.5}}
    (folder / "file.json").write_text(json.dumps({"images": {"a.jpg": {"img_w": 90, "img_h": 60, "words": words}}}))
    return folder / "file.json"


def write_a_calibration(folder):
    settings, ratios = {"mode": "polygon", "unclip": "exact", "thresh": 0.3}, Ratios(0.9, 0.8, 0.85)
    gain = PairedGain(mean=0.01, low=0.0, high=0.02, probability=0.97, standard_error=0.01)
    calibration = Calibration(settings, True, settings, settings, ratios, ratios, 0.86, gain, 9, {"maps": "m"})
    write_calibration(folder / "file.json", calibration)
    return folder / "file.json"


def write_folds(folder):
    folds = tuple(Fold((f"{name}.jpg",), (), FoldStatistics(1, 3, 3.0, 0.1)) for name in "ab")
    write_fold_split(folder / "file.json", FoldSplit(1, ("train",), {"train": "0"}, {"key": None}, folds))
    return folder / "file.json"


def write_a_provenance(folder):
    sources = (Source("best.ckpt", "0" * 64),)
    settings = {"models": {"head": {"thresh": 0.3}}}
    write_provenance(folder, Provenance("2026-01-01 00:00:00", sources, settings, Ratios(1, 1, 1), None, "0" * 64))
    return folder / PROVENANCE


def write_an_index(folder):
    rows = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    image = CachedImage(90, 60, rows, "maps/a.jpg.png", "0" * 64, "0" * 64)
    write_index(folder, CacheIndex(8, {"checkpoint": "best.ckpt"}, {"a.jpg": image}))
    return folder / "index.json"


def write_shipped(folder):
    files = [{"name": "part-01.bin", "bytes": 1, "sha256": "0" * 64}]
    manifest = {"encoder": "resnet18", "source": {"description": "d"}, "sha256": "0" * 64, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder / "manifest.json"


def write_shards(folder):
    (folder / "file.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": {"a": "x.safetensors", "b": "y"}})
    )
    return folder / "file.index.json"


def write_generated(folder):
    Manifest(folder, {"seed": 1}).write(["a.jpg", "b/c.jpg"])
    return folder / MANIFEST


READERS = {
    "annotations": (write_labels, read_annotations, AnnotationError),
    "predictions": (write_labels, read_predictions, AnnotationError),
    "calibration": (write_a_calibration, read_calibration, CalibrationError),
    "folds": (write_folds, read_fold_split, FoldSplitError),
    "provenance": (write_a_provenance, lambda path: read_provenance(path.parent), SubmissionError),
    "index of maps": (write_an_index, lambda path: read_index(path.parent), CacheError),
    "manifest of weights": (write_shipped, lambda path: read_manifest(path.parent), PretrainedWeightsError),
    "list of shards": (write_shards, read_weights, PretrainedWeightsError),
    "generated files": (
        write_generated,
        lambda path: Manifest(path.parent, {}).claim(["n.jpg"], overwrite=True),
        FileExistsError,
    ),
}


def refused(read, refusal):
    """What a reader says against a file; None where it takes it. Any other error passes."""
    try:
        read()
    except refusal as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", READERS)
def test_a_mutated_file_is_taken_or_refused_with_its_name(tmp_path, name):
    write, read, refusal = READERS[name]
    path = write(tmp_path)
    document, rng = json.loads(path.read_text()), random.Random(0)
    for _ in range(MUTATIONS):
        text = mutate(document, rng)
        path.write_text(text, encoding="utf-8")
        fault = refused(lambda: read(path), refusal)
        assert fault is None or path.name in fault, text


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"null", b"[]", b'"x"', b'{"files": 3}'],
)
def test_a_file_of_something_else_is_refused_with_its_name(tmp_path, name, content):
    write, read, refusal = READERS[name]
    path = write(tmp_path)
    path.write_bytes(content)
    with pytest.raises(refusal, match=path.name):
        read(path)


NO_PIXELS = ("1e30 0 9 0 9 9 0 9", "nan 0 9 0 9 9 0 9", "9" * 400 + " 1 2 3 4 5 6 7")
CELLS = ("", "0 0 9 0 9 9 0 9", *NO_PIXELS, "x", "|", "0 0")


def test_a_mutated_csv_is_taken_or_refused_with_its_name(tmp_path):
    path, rng = tmp_path / "s.csv", random.Random(0)
    for _ in range(MUTATIONS):
        rows = [f"{rng.choice('abc')}.jpg,{'|'.join(rng.choices(CELLS, k=rng.randrange(4)))}" for _ in range(3)]
        text = "\n".join(["filename,polygons", *rows])
        if rng.random() < 0.5:
            place = rng.randrange(len(text))
            text = text[:place] + rng.choice('",\n\x00 |é') + text[place + 1 :]
        path.write_text(text, encoding="utf-8")
        fault = refused(lambda: read_predictions(path), SubmissionError)
        assert fault is None or "s.csv" in fault, text
        assert fault is not None or not any(cell in text for cell in NO_PIXELS), text
