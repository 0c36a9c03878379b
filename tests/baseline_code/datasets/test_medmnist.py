"""MedMNIST files."""

import numpy as np
import pytest

from baseline_code.datasets import NpzSource, SourceError
from tests.baseline_code.datasets.small_images import with_compression

IMAGES = np.arange(4 * 5 * 6, dtype=np.uint8).reshape(4, 5, 6)


def arrays(**changes):
    whole = {
        "train_images": IMAGES,
        "train_labels": np.array([[1], [0], [1], [0]], np.uint8),
        "val_images": IMAGES[:2],
        "val_labels": np.array([[0], [1]], np.uint8),
        "test_images": IMAGES[:1],
        "test_labels": np.array([[1]], np.uint8),
    }
    return {name: array for name, array in {**whole, **changes}.items() if array is not None}


def write(tmp_path, **changes):
    np.savez(tmp_path / "set.npz", **arrays(**changes))
    return tmp_path / "set.npz"


def test_grey_images_come_as_rgb_with_their_labels(tmp_path):
    train, val, test = NpzSource(write(tmp_path), ["normal", "pneumonia"]).load()
    assert (len(train), len(val), len(test)) == (4, 2, 1)
    assert train.classes == ("normal", "pneumonia")
    assert train.labels.tolist() == [1, 0, 1, 0]
    assert val.names == ("val/000000", "val/000001")
    np.testing.assert_array_equal(train.read(2), np.repeat(IMAGES[2][:, :, None], 3, axis=2))


def test_colour_images_flat_labels_no_test_split_and_no_names(tmp_path):
    rgb = np.random.default_rng(0).integers(0, 255, (4, 5, 6, 3), np.uint8)
    without_test = {"test_images": None, "test_labels": None}
    path = write(tmp_path, train_images=rgb, val_images=rgb[:2], train_labels=np.array([2, 0, 1, 0]), **without_test)
    train, _, test = NpzSource(path).load()
    assert (train.classes, test) == (("0", "1", "2"), None)
    np.testing.assert_array_equal(train.read(1), rgb[1])
    train.read(1)[:] = 7  # what is read may be overwritten
    np.testing.assert_array_equal(train.read(1), rgb[1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"val_images": None}, "expected an array 'val_images', got test_images, test_labels, train_images"),
        ({"test_labels": None}, "expected an array 'test_labels'"),
        ({"val_images": IMAGES[:2, :4]}, r"expected images of one size in all splits, got .*'val': \(4, 6\)"),
        ({"train_images": IMAGES / 255}, r"expected train_images of .* uint8 .*got \(4, 5, 6\) float64"),
        ({"train_images": IMAGES[0]}, r"expected train_images of \(N, H, W\) or .*got \(5, 6\) uint8"),
        ({"train_images": IMAGES[..., None]}, r"got \(4, 5, 6, 1\) uint8"),
        ({"train_images": IMAGES[:0]}, r"got \(0, 5, 6\) uint8"),
        ({"train_labels": np.array([1, 0, 1])}, r"expected train_labels of one integer for each of 4 .*got \(3,\)"),
        ({"train_labels": np.zeros((4, 2), int)}, r"got \(4, 2\) int64"),
        ({"train_labels": np.array([1.0, 0, 1, 0])}, r"got \(4,\) float64"),
        ({"val_labels": np.array([0, 7])}, r"val_labels from 0 to 1 \(no, yes\), got 1 others, the first 7 at 1"),
        ({"train_labels": np.array([1, 0, -1, 0])}, "got 1 others, the first -1 at 2"),
        ({"train_labels": np.zeros(4, int)}, "expected training images of every class, got none of yes"),
        ({"classes": None, "train_labels": np.zeros(4, int)}, "expected images of at least two classes, got only '0'"),
        ({"classes": None, "train_labels": np.array([0, 1, 0, 100_000])}, "train_labels below 100000, .* got 100000"),
        ({"classes": None, "train_labels": np.array([0, 1, 0, 2**62])}, f"train_labels below 100000, .* got {2**62}"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, changes, message):
    classes = changes.get("classes", ["no", "yes"])
    arrays = {name: array for name, array in changes.items() if name != "classes"}
    with pytest.raises(SourceError, match=r"set\.npz: .*" + message):
        NpzSource(write(tmp_path, **arrays), classes).load()


def test_pickles_and_other_files_are_refused(tmp_path):
    np.savez(tmp_path / "pickle.npz", **arrays(train_labels=np.array([1, 0, None, 0], object)))
    np.save(tmp_path / "one.npy", IMAGES)
    (tmp_path / "text.npz").write_text("text")
    (tmp_path / "odd.npz").write_bytes(with_compression(write(tmp_path).read_bytes(), 77))
    reasons = {"pickle.npz": "Object arrays", "one.npy": "", "text.npz": "", "odd.npz": "", "none.npz": "No such"}
    for name, reason in reasons.items():
        with pytest.raises(SourceError, match=rf"{name}: expected an \.npz of plain arrays, got .*{reason}"):
            NpzSource(tmp_path / name).load()
