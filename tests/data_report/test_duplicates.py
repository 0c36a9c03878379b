"""Images that a data set holds twice."""

import shutil

import numpy as np
from PIL import Image

from ocr.data_report.duplicates import find_duplicates
from ocr.data_report.splits import inspect_split
from tests.small_data import write_split


def noise(path, seed):
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).resize((96, 96), Image.Resampling.BICUBIC)
    image.save(path)


def find(root):
    splits = [
        inspect_split(root, name, max_words=500, track=lambda items, *_, **__: items) for name in ("train", "val")
    ]
    return [
        (found.kind, found.split, fault.place.image, fault.what)
        for found in find_duplicates(splits, 6)
        for fault in found.places
    ]


def test_leaks_duplicates_and_images_that_look_alike_are_told_apart(tmp_path):
    for split, names in (
        ("train", ("a.png", "b.png", "c.png", "twice.png")),
        ("val", ("leak.png", "near.jpg", "c.png")),
    ):
        write_split(tmp_path, split, {name: (96, 96, []) for name in names})
    train, val = tmp_path / "images/train", tmp_path / "images/val"
    for seed, path in enumerate((train / "a.png", train / "b.png", train / "c.png", val / "c.png")):
        noise(path, seed)
    shutil.copy(train / "a.png", train / "twice.png")
    shutil.copy(train / "a.png", val / "leak.png")
    Image.open(train / "b.png").save(val / "near.jpg", quality=90)
    assert sorted(find(tmp_path)) == [
        ("duplicate", "train", "twice.png", "as a.png"),
        ("leak", "val", "leak.png", "as train: a.png"),
        ("namesake", "val", "c.png", "as train: c.png"),
        ("near_leak", "val", "near.jpg", "as train: b.png"),
    ]


def test_an_image_beside_the_training_split_leaks_though_training_looks_like_it_too(tmp_path):
    """Equal images are paired with the first; the leak, which is told of the first two, is a near one of the third."""
    other = tmp_path / "other"
    for root, split in ((tmp_path, "train"), (tmp_path, "val"), (other, "train")):
        write_split(root, split, {"a.png": (96, 96, [])})
        noise(root / "images" / split / "a.png", 0)
    look = {"max_words": 500, "track": lambda items, *_, **__: items}
    splits = [inspect_split(tmp_path, "train", **look), inspect_split(tmp_path, "val", **look)]
    splits.append(inspect_split(other, "train", title="beside", **look))
    found = [(one.kind, one.split, fault.what) for one in find_duplicates(splits, 6) for fault in one.places]
    assert ("duplicate", "beside", "as train: a.png") in found
    assert ("leak", "val", "as train: a.png") in found
    assert ("near_leak", "beside", "as val: a.png") in found
