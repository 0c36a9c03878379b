"""Scenes on disk: the same bytes every time, and as many of each kind as asked for."""

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from synthetic.scenes import Photographs, ScenesPlan, dataset, write_scenes
from tests.synthetic.receipts.test_dataset import contents


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "SIZES", ((240, 160),))
    pixels = np.random.default_rng(0).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    made = {}
    for name, seed in (("first", 5), ("second", 5), ("other", 6)):
        write_scenes(tmp_path / name, ScenesPlan(seed, (3, 1, 0)), Photographs([tmp_path / "a.png"]))
        made[name] = contents(tmp_path / name)
    assert made["first"] == made["second"]
    assert list(made["first"]) == [
        "generated.json",
        *(f"images/train/scene_train_000{number}.jpg" for number in range(3)),
        "images/val/scene_val_0000.jpg",
        *(f"jsons/{split}.json" for split in ("test", "train", "val")),
    ]
    assert all(made["first"][name] != made["other"][name] for name in made["first"] if name.endswith(".jpg"))


@pytest.mark.parametrize(("receipts", "signs"), [(0.35, 0.55), (0.0, 1.0), (1.0, 0.0), (0.0, 0.0)])
def test_kinds_are_spread_evenly(receipts, signs):
    plan = ScenesPlan(0, (0, 0, 0), receipts=receipts, signs=signs)
    for first in (0, 40, 1000):
        found = Counter(plan.kind(number) for number in range(first, first + 20))
        for kind, part in (("receipt", receipts), ("signs", signs), ("plain", 1 - receipts - signs)):
            assert found[kind] == pytest.approx(20 * part, abs=2)


@pytest.mark.parametrize(("receipts", "signs"), [(0.6, 0.5), (-0.1, 0.5), (0.5, -0.1)])
def test_fractions_that_are_none_are_refused(receipts, signs):
    with pytest.raises(ValueError, match=f"together up to 1, got {receipts} and {signs}"):
        ScenesPlan(0, (1, 0, 0), receipts=receipts, signs=signs)
