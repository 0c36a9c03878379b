"""Images in zip archives."""

import os
import pickle
import warnings
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from baseline_code.datasets import SourceError, ZipSource
from baseline_code.images.reading import ImageReadError
from tests.baseline_code.datasets.small_images import colour, encode, with_compression

NAMES = [f"train/{name}/{number:04d}.png" for name in ("cat", "dog") for number in range(10)]


def write_zip(path, names=NAMES, extra=()):
    with ZipFile(path, "w", ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same name twice is what a test is about
        for number, name in enumerate(names):
            archive.writestr(name, encode(colour(number)))
        for name, content in extra:
            archive.writestr(name, content)
    return path


def test_an_archive_is_split_and_the_test_split_comes_from_its_own(tmp_path):
    first = write_zip(tmp_path / "train.zip", extra=[("train/README.md", "x"), ("__MACOSX/train/cat/._0.png", "x")])
    second = write_zip(tmp_path / "test.zip", ["test/dog/0000.png"])
    train, val, test = ZipSource(first, second, val_fraction=0.1).load()
    assert train.classes == val.classes == test.classes == ("cat", "dog")
    assert [np.bincount(split.labels, minlength=2).tolist() for split in (train, val, test)] == [[9, 9], [1, 1], [0, 1]]
    for index, name in enumerate(train.names):
        np.testing.assert_array_equal(train.read(index), colour(NAMES.index(name)))


def test_validation_may_have_an_archive_and_classes_may_lie_at_the_top(tmp_path):
    first = write_zip(tmp_path / "train.zip", ["cat/0.png", "dog/1.png"])
    second = write_zip(tmp_path / "val.zip", ["val/dog/0.png"])
    train, val, test = ZipSource(first, val=second, classes=["dog", "cat"]).load()
    assert train.labels.tolist() == [1, 0]
    assert (val.labels.tolist(), test) == ([0], None)


def test_a_forked_process_and_a_pickled_copy_open_the_archive_for_themselves(tmp_path):
    images = ZipSource(write_zip(tmp_path / "train.zip")).load().train.images
    before = images.read(3)
    child = os.fork()
    if child == 0:
        mine = images._archive
        same = np.array_equal(images.read(3), before)
        os._exit(0 if same and images._archive is not mine else 1)
    assert os.waitpid(child, 0)[1] == 0
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(images)).read(3), before)


def test_corrupt_images_and_damaged_members_are_named_when_read(tmp_path):
    whole = encode(np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8), ".jpg")
    bad = {
        "train/dog/a.jpg": (whole[:-200], "expected a whole JPEG image, got one cut short or damaged"),
        "train/dog/b.png": (b"no image", "got a file that begins with b'no image'"),
        "train/dog/c.png": (b"", "got an empty file"),
    }
    path = write_zip(tmp_path / "train.zip", NAMES[:10], [(name, content) for name, (content, _) in bad.items()])
    images = ZipSource(path).load().train.images
    for name, (_, words) in bad.items():
        with pytest.raises(ImageReadError, match=rf"train\.zip:{name}: .*{words}"):
            images.read(images.names.index(name))
    content = path.read_bytes()
    damaged = content[:60] + b"\xff\xff\xff\xff" + content[64:]  # within the first member
    for changed in (damaged, with_compression(content, 77)):
        path.write_bytes(changed)
        with pytest.raises(ImageReadError, match=r"train\.zip:train/cat/0000\.png: expected a whole file, got"):
            ZipSource(path).load().train.images.read(0)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "expected images .* in the archive, got none"),
        (["train/cat/0.png"], "expected images of at least two classes, got only 'cat'"),
        ([*NAMES, "../../etc/dog/0.png"], r"expected paths inside the archive, got 1 outside: \.\./\.\./etc"),
        ([*NAMES, "/train/dog/0.png"], "got 1 outside: /train/dog/0.png"),
        ([*NAMES, NAMES[3]], "expected each file once, got 1 more than once: train/cat/0003.png"),
        (["0.png", *NAMES], "expected images as <class>/<image>, all below one folder, got 0.png"),
        ([*NAMES, "test/cat/0.png"], "all below one folder, got .* among 2 folders of classes"),
    ],
)
def test_other_layouts_are_refused(tmp_path, names, message):
    with pytest.raises(SourceError, match=r"train\.zip: .*" + message):
        ZipSource(write_zip(tmp_path / "train.zip", names)).load()


def test_unknown_classes_and_missing_and_encrypted_files_are_named(tmp_path):
    first, second = write_zip(tmp_path / "train.zip"), write_zip(tmp_path / "test.zip", ["test/cow/0.png"])
    with pytest.raises(SourceError, match=r"test\.zip: expected the classes cat, dog, got the unknown cow"):
        ZipSource(first, second).load()
    with pytest.raises(SourceError, match=r"none\.zip: expected a zip archive, got No such file"):
        ZipSource(tmp_path / "none.zip").load()
    content = bytearray(first.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # flags of the first entry of the central directory
    first.write_bytes(bytes(content))
    with pytest.raises(SourceError, match=r"train\.zip: expected an archive without password, got 1 encrypted files"):
        ZipSource(first).load()


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x05\x06", b"PK\x05\x06" + b"\xff" * 18, b"x" * 1000])
def test_bytes_that_are_no_archive_are_named(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.zip: expected a zip archive, got"):
        ZipSource(tmp_path / "a.zip").load()


def test_a_member_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("baseline_code.datasets.archive.MAX_FILE_BYTES", 50)
    train = ZipSource(write_zip(tmp_path / "a.zip")).load().train
    with pytest.raises(ImageReadError, match=r"a\.zip:train/cat/.*: expected a file of at most 50 bytes, got \d+"):
        train.read(0)
