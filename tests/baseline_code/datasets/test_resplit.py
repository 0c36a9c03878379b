"""Training and validation split divided anew, by patient."""

import logging
import pickle

import numpy as np
import pytest
from omegaconf import OmegaConf

from baseline_code.datasets import (
    ClassificationDataModule,
    FolderSource,
    NpzSource,
    ResplitSource,
    SourceError,
    Splits,
    ZipSource,
)
from baseline_code.datasets.labelled import JoinedImages
from baseline_code.datasets.leaks import LeakError
from runners.cli.entry import CONFIG_DIR
from tests.baseline_code.datasets.small_images import Images, colour, encode, write_images
from tests.baseline_code.datasets.test_archive import write_zip

CHEST = OmegaConf.load(CONFIG_DIR / "preset/classify/datasets/pneumonia_180.yaml").patient


class Source:
    """Images by their names in two splits, `b` in the name is the second class; one more to test on."""

    def __init__(self, train, val=()):
        self.splits = Splits(named(train), named(val) if val else None, Images([0, 1], prefix="test"))

    def load(self):
        return self.splits


def named(names):
    images = Images([int("b" in name) for name in names], classes=("a", "b"))
    images.names = tuple(names)
    return images


def sides(splits):
    return set(splits.train.names), set(splits.val.names)


# ---- joined splits


def test_a_join_has_the_images_of_its_splits_one_split_behind_the_other():
    splits = [Images([0, 1], prefix="x"), Images([], prefix="none"), Images([1], prefix="y")]
    joined = JoinedImages(*splits)
    assert (len(joined), joined.labels.tolist(), joined.names) == (3, [0, 1, 1], ("x0", "x1", "y0"))
    assert [joined.read(index)[0, 0].tolist() for index in range(3)] == [
        colour(number)[0, 0].tolist() for number in (0, 1, 0)
    ]


# ---- patients


@pytest.mark.parametrize(
    ("patient", "names", "together"),
    [
        (CHEST, ["train/PNEUMONIA/person123_bacteria_456.jpeg", "val/PNEUMONIA/person123_virus_7.jpeg"], True),
        (CHEST, ["train/PNEUMONIA/person12_virus_34.jpeg", "train/PNEUMONIA/person123_virus_34.jpeg"], False),
        (CHEST, ["train/NORMAL/IM-0115-0001.jpeg", "train/NORMAL/IM-0115-0001-0002.jpeg"], True),
        (CHEST, ["train/NORMAL/IM-0115-0001.jpeg", "train/NORMAL/NORMAL2-IM-0115-0001.jpeg"], False),
        (CHEST, ["train/NORMAL/NORMAL2-IM-1427-0001.jpeg", "val/NORMAL/NORMAL2-IM-1427-0002.jpeg"], True),
        (CHEST, ["train/NORMAL/scan_a.jpeg", "train/NORMAL/scan_b.jpeg"], False),
        (CHEST, ["train/person1/scan_a.jpeg", "train/person1/scan_b.jpeg"], False),  # a folder is no file name
        (r"(x|y)_(\d)_", ["a/x_1_0.png", "a/x_1_1.png"], True),  # both groups together name the patient
        (r"(x|y)_(\d)_", ["a/x_1_0.png", "a/y_1_0.png"], False),
        (r"(x|y)_(\d)_", ["a/y_1_0.png", "a/y_2_0.png"], False),
    ],
)
def test_names_tell_the_patient(patient, names, together):
    source = ResplitSource(Source(names), 0.5, patient=patient)
    assert (len({source._patient(name) for name in names}) == 1) == together


def test_all_images_of_a_patient_are_on_one_side():
    """Forty patients of the second class with one to four images, spread over both splits; ten of the first."""
    names = [f"b/person{number}_{kind}_{number}.png" for number in range(40) for kind in range(1 + number % 4)]
    names += [f"a/IM-{number:04d}-0001.png" for number in range(20)]
    splits = ResplitSource(Source(names[::2], names[1::2]), 0.2, patient=CHEST).load()
    train, val = ({name.partition("_")[0] for name in side} for side in sides(splits))
    assert not train & val
    assert np.bincount(splits.val.labels).tolist() == [4, 20]  # a fifth of 20 and of 10 * (1 + 2 + 3 + 4)
    assert len(splits.train) + len(splits.val) == len(names)


# ---- the division


def test_without_patients_each_class_has_its_fraction_and_the_test_split_stays():
    names = [f"{name}/{number}.png" for name in "ab" for number in range(20)]
    source = Source(names[:-1], names[-1:])
    splits = ResplitSource(source, 0.25).load()
    assert np.bincount(splits.train.labels).tolist() == [15, 15]
    assert np.bincount(splits.val.labels).tolist() == [5, 5]
    assert splits.test is source.splits.test


def test_the_seed_decides_and_not_how_the_images_were_divided_before():
    names = [f"{name}/{number}.png" for name in "ab" for number in range(20)]
    division = sides(ResplitSource(Source(names[:-1], names[-1:]), 0.25).load())
    assert sides(ResplitSource(Source(names[1::2], names[::2]), 0.25).load()) == division
    assert sides(ResplitSource(Source(names), 0.25).load()) == division  # there was no validation split
    assert sides(ResplitSource(Source(names), 0.25, seed=1).load()) != division


def test_the_log_counts_images_and_patients(caplog):
    names = [f"b/person{number // 2}_{number}.png" for number in range(10)] + [
        f"a/{number}.png" for number in range(10)
    ]
    with caplog.at_level(logging.INFO):
        ResplitSource(Source(names), 0.2, patient=CHEST).load()
    assert (
        "datasets.resplit=0.2: 20 images of 15 patients divided into 16 to train on and 4 to validate on" in caplog.text
    )


def folder(root):
    write_images(root, SPLITS)
    return FolderSource(root)


def archives(root):
    train, val = FLAT[:-4], FLAT[-4:]
    return ZipSource(write_zip(root / "train.zip", train), val=write_zip(root / "val.zip", val))


def arrays(root):
    images = np.random.default_rng(0).integers(0, 255, (20, 4, 4), np.uint8)
    labels = np.arange(20) % 2
    splits = {"train": slice(0, 18), "val": slice(18, 20)}
    stored = {f"{split}_images": images[chosen] for split, chosen in splits.items()}
    np.savez(root / "set.npz", **stored, **{f"{split}_labels": labels[chosen] for split, chosen in splits.items()})
    return NpzSource(root / "set.npz")


FLAT = [f"{name}/{number}.png" for number in range(10) for name in "ab"]
SPLITS = [f"train/{name}" for name in FLAT[:-4]] + [f"val/{name}" for name in FLAT[-4:]]


@pytest.mark.parametrize("make", [folder, archives, arrays])
def test_files_archives_and_arrays_can_be_divided_anew(tmp_path, make):
    source = make(tmp_path)
    before, after = source.load(), ResplitSource(source, 0.4).load()
    assert np.bincount(after.train.labels).tolist() == [6, 6]
    assert np.bincount(after.val.labels).tolist() == [4, 4]
    pixels = {name: split.read(index).tolist() for split in before[:2] for index, name in enumerate(split.names)}
    copied = pickle.loads(pickle.dumps(after.val))  # as for a loader's workers
    for split in (after.train, copied):
        assert all(split.read(index).tolist() == pixels[name] for index, name in enumerate(split.names))


# ---- leaks, and what is refused


def test_equal_files_on_both_new_sides_are_warned_of(tmp_path, caplog):
    write_images(tmp_path, SPLITS)
    for name in FLAT[:-4]:
        (tmp_path / "train" / name).write_bytes(encode(colour(7)))
    with caplog.at_level(logging.WARNING):
        ClassificationDataModule(ResplitSource(FolderSource(tmp_path), 0.4), img_size=8).setup("fit")
    assert "validation images are in the training split too, byte by byte" in caplog.text


def test_an_image_in_both_old_splits_and_a_class_of_one_patient_are_refused():
    with pytest.raises(LeakError, match="expected no training image in the validation split, got 1 in both: a/0"):
        ResplitSource(Source(["a/0", "b/1"], ["a/0"]), 0.5).load()
    names = ["a/0.png", "a/1.png", "b/person1_virus_1.png", "b/person1_virus_2.png"]
    words = r"datasets\.resplit=0\.5: expected images of the class 'b' in more groups \(patients\) .*, got 2 in 1"
    with pytest.raises(SourceError, match=words):
        ResplitSource(Source(names), 0.5, patient=CHEST).load()


@pytest.mark.parametrize("fraction", [0, 0.0, 1, 1.0, -0.2, 20, float("nan"), True])
def test_fractions_that_leave_nothing_are_refused(fraction):
    with pytest.raises(ValueError, match=r"expected datasets\.resplit in \(0, 1\), or null for none, got"):
        ResplitSource(Source([]), fraction)


@pytest.mark.parametrize(
    ("patient", "words"),
    [
        ("person(", r"expected datasets\.patient to be a regular expression, got 'person\(': missing \)"),
        (7, r"expected datasets\.patient to be a regular expression, got 7: "),
        (r"person\d+", r"expected a group in datasets\.patient that names the patient, such as \(person\\d\+\), got"),
    ],
)
def test_expressions_that_name_no_patient_are_refused(patient, words):
    with pytest.raises(ValueError, match=words):
        ResplitSource(Source([]), 0.2, patient=patient)
