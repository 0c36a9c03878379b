"""The sample that is committed: small, whole, and what its command says."""

import json
from collections import Counter

import pytest

from synthetic.receipts import DatasetPlan
from tests.commands import ROOT

SAMPLE = ROOT / "data" / "sample"


def words(split):
    images = json.loads((SAMPLE / "jsons" / f"{split}.json").read_text(encoding="utf-8"))["images"]
    return [word for entry in images.values() for word in entry["words"].values()]


def test_the_sample_is_small_and_what_its_manifest_and_readme_say():
    manifest = json.loads((SAMPLE / "generated.json").read_text())
    assert manifest["counts"] == [48, 12, 12]
    assert manifest["files"] == sorted(DatasetPlan(manifest["seed"], (48, 12, 12)).files())
    assert all((SAMPLE / name).is_file() for name in manifest["files"])
    assert f"output=data/sample seed={manifest['seed']} overwrite=true" in (SAMPLE / "README.md").read_text()
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) <= 3_000_000


@pytest.mark.parametrize(("split", "receipts"), [("train", 48), ("val", 12), ("test", 12)])
def test_a_split_shows_quads_polygons_and_ignored_words(split, receipts):
    kinds = Counter(len(word["points"]) for word in words(split))
    assert set(kinds) == {4, 14}
    assert 30 * receipts <= sum(kinds.values()) <= 90 * receipts
    assert any(word["illegibility"] for word in words(split))
