"""CIFAR-10 by torchvision, and its binary release."""

import hashlib
import pickle
from urllib.error import URLError

import numpy as np
import pytest
import torchvision.datasets.cifar as torchvision_cifar
from torchvision.datasets import CIFAR10

from baseline_code.datasets import Cifar10Source, SourceError


def record(label, red, green, blue):
    """One image of 3,073 bytes whose first pixel is red, green, blue and whose last pixel of the top row is 9."""
    planes = np.zeros((3, 32, 32), np.uint8)
    planes[:, 0, 0] = red, green, blue
    planes[:, 0, 31] = 9
    return bytes([label]) + planes.tobytes()


def write_set(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, 6):
        batch = record(0, number, 2, 3) + record(1, number, 5, 6)
        (folder / f"data_batch_{number}.bin").write_bytes(batch)
    (folder / "test_batch.bin").write_bytes(record(1, 7, 8, 9))
    (folder / "batches.meta.txt").write_text("cat\ndog\n\n")


@pytest.mark.parametrize("inner", ["", "cifar-10-batches-bin"])
def test_planes_become_pixels_and_validation_is_split_off(tmp_path, inner):
    write_set(tmp_path / inner)
    train, val, test = Cifar10Source(tmp_path, val_fraction=0.2).load()
    assert (train.classes, len(train), len(val), test.labels.tolist()) == (("cat", "dog"), 8, 2, [1])
    image = test.read(0)
    assert image.shape == (32, 32, 3)
    assert image[0, 0].tolist() == [7, 8, 9]
    assert image[0, 31].tolist() == [9, 9, 9]
    assert image[31, 0].tolist() == [0, 0, 0]
    first = train.images
    assert [first.read(index)[0, 0].tolist() for index in (0, 3, 9)] == [[1, 2, 3], [2, 5, 6], [5, 5, 6]]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "data_batch_2.bin",
            record(0, 1, 2, 3)[:-1],
            r"data_batch_2\.bin: expected a multiple of 3073 bytes, got 3072",
        ),
        (
            "data_batch_2.bin",
            record(2, 1, 2, 3) + record(0, 1, 2, 3),
            r"data_batch_2\.bin: expected labels from 0 to 1, got 2",
        ),
        ("data_batch_2.bin", None, r"expected CIFAR-10's binary files, got no data_batch_2\.bin$"),
        ("batches.meta.txt", b"cat\n", r"batches\.meta\.txt: expected at least two classes, .* got cat"),
    ],
)
def test_broken_sets_are_named(tmp_path, name, content, message):
    write_set(tmp_path)
    (tmp_path / name).unlink() if content is None else (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        Cifar10Source(tmp_path).load()


# ---- torchvision's folder

CLASSES = ["cat", "dog"]
FOLDER = "cifar-10-batches-py"


def pickled(red):
    """A batch of a cat and a dog, whose first pixels are (red, 2, 3) and (red, 5, 6)."""
    planes = np.zeros((2, 3, 32, 32), np.uint8)
    planes[:, :, 0, 0] = [(red, 2, 3), (red, 5, 6)]
    return pickle.dumps({"data": planes.reshape(2, -1), "labels": [0, 1]})


@pytest.fixture
def pickles(monkeypatch):
    """The files of a small set by their names; torchvision takes their check sums for the known ones."""
    files = {f"data_batch_{number}": pickled(number) for number in range(1, 6)} | {"test_batch": pickled(7)}
    files["batches.meta"] = pickle.dumps({"label_names": CLASSES})
    sums = {name: hashlib.md5(content).hexdigest() for name, content in files.items()}
    monkeypatch.setattr(CIFAR10, "train_list", [[name, sums[name]] for name in files if name.startswith("data")])
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", sums["test_batch"]]])
    monkeypatch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": sums["batches.meta"]})
    return files


def write_pickles(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def download_by(monkeypatch, download):
    monkeypatch.setattr(torchvision_cifar, "download_and_extract_archive", download)


@pytest.mark.parametrize(
    ("root", "download", "there"),
    [("", False, True), ("", True, True), (FOLDER, False, True), (FOLDER, True, True), ("", True, False)],
)
def test_torchvisions_folder_is_read_from_above_or_itself_or_downloaded(
    tmp_path, monkeypatch, pickles, root, download, there
):
    """It holds what the binary release holds, which lies beside it and comes second."""
    fetched = []
    download_by(monkeypatch, lambda url, root, **_: fetched.append(write_pickles(root / FOLDER, pickles)))
    if there:
        write_pickles(tmp_path / FOLDER, pickles)
        write_set(tmp_path / "cifar-10-batches-bin")
    train, val, test = Cifar10Source(tmp_path / root, download=download, val_fraction=0).load()
    assert len(fetched) == (not there)
    assert (train.classes, val) == (("cat", "dog"), None)
    assert (train.labels.tolist(), test.labels.tolist()) == ([0, 1] * 5, [0, 1])
    assert (train.labels.dtype, train.names[3], test.names[1]) == (np.int64, "train/000003", "test/000001")
    assert [train.read(index)[0, 0].tolist() for index in (0, 3, 9)] == [[1, 2, 3], [2, 5, 6], [5, 5, 6]]
    assert test.read(0)[0, 0].tolist() == [7, 2, 3]


def test_a_missing_folder_is_answered_with_what_to_do(tmp_path):
    words = (
        rf"{FOLDER}: expected CIFAR-10, got no such folder: set datasets\.download=true, or copy that folder there, "
        r"or take archives of images \(datasets\.source=zip\)"
    )
    for root in (tmp_path, tmp_path / "nowhere", tmp_path / FOLDER):
        with pytest.raises(SourceError, match=words):
            Cifar10Source(root).load()


@pytest.mark.parametrize("name", ["data_batch_2", "test_batch", "batches.meta"])
@pytest.mark.parametrize("content", [b"hardly", None])
def test_a_damaged_or_missing_file_is_named_and_never_unpickled(tmp_path, pickles, name, content):
    write_pickles(tmp_path / FOLDER, pickles)
    (tmp_path / FOLDER / name).unlink() if content is None else (tmp_path / FOLDER / name).write_bytes(content)
    with pytest.raises(
        SourceError, match=rf"{FOLDER}: .* missing or damaged ones \({name}\): set datasets\.download=t"
    ):
        Cifar10Source(tmp_path).load()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (URLError("no route"), "<urlopen error no route>"),
        (RuntimeError("File not found or corrupted."), "File not found or corrupted"),
        (EOFError(), "EOFError"),
    ],
)
def test_a_download_that_fails_is_told_in_one_line(tmp_path, monkeypatch, error, words):
    def fail(*_, **__):
        raise error

    download_by(monkeypatch, fail)
    with pytest.raises(SourceError, match=rf"to download it from https://.*, got {words}.*; try again") as found:
        Cifar10Source(tmp_path / "new", download=True).load()
    assert "\n" not in str(found.value)
