"""CIFAR-10's original binary format."""

import numpy as np
import pytest

from baseline_code.datasets import Cifar10Source, SourceError


def record(label, red, green, blue):
    """One picture of 3,073 bytes whose first pixel is red, green, blue and whose last pixel of the top row is 9."""
    planes = np.zeros((3, 32, 32), np.uint8)
    planes[:, 0, 0] = red, green, blue
    planes[:, 0, 31] = 9
    return bytes([label]) + planes.tobytes()


def write_set(folder, classes="cat\ndog\n\n"):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, 6):
        batch = record(0, number, 2, 3) + record(1, number, 5, 6)
        (folder / f"data_batch_{number}.bin").write_bytes(batch)
    (folder / "test_batch.bin").write_bytes(record(1, 7, 8, 9))
    (folder / "batches.meta.txt").write_text(classes)


@pytest.mark.parametrize("inner", ["", "cifar-10-batches-bin"])
def test_planes_become_pixels_and_validation_is_split_off(tmp_path, inner):
    write_set(tmp_path / inner)
    train, val, test = Cifar10Source(tmp_path, val_share=0.2).load()
    assert (train.classes, len(train), len(val), test.labels.tolist()) == (("cat", "dog"), 8, 2, [1])
    image = test.read(0)
    assert image.shape == (32, 32, 3)
    assert image[0, 0].tolist() == [7, 8, 9]
    assert image[0, 31].tolist() == [9, 9, 9]
    assert image[31, 0].tolist() == [0, 0, 0]
    first = train.images
    assert [first.read(index)[0, 0].tolist() for index in (0, 3, 9)] == [[1, 2, 3], [2, 5, 6], [5, 5, 6]]


def test_broken_sets_are_named(tmp_path):
    write_set(tmp_path)
    (tmp_path / "data_batch_2.bin").write_bytes(record(0, 1, 2, 3)[:-1])
    with pytest.raises(SourceError, match=r"data_batch_2\.bin: expected a multiple of 3073 bytes, got 3072"):
        Cifar10Source(tmp_path).load()
    (tmp_path / "data_batch_2.bin").write_bytes(record(2, 1, 2, 3))
    with pytest.raises(SourceError, match=r"data_batch_2\.bin: expected labels from 0 to 1, got 2"):
        Cifar10Source(tmp_path).load()
    (tmp_path / "data_batch_2.bin").unlink()
    (tmp_path / "data_batch_1").touch()
    with pytest.raises(SourceError, match=r"got no data_batch_2\.bin; these are the Python pickles"):
        Cifar10Source(tmp_path).load()


def test_one_class_only_is_refused(tmp_path):
    write_set(tmp_path, classes="cat\n")
    with pytest.raises(SourceError, match=r"batches\.meta\.txt: expected at least two classes, .* got cat"):
        Cifar10Source(tmp_path).load()
