"""Images that a teacher labels train beside those that people have labelled."""

from pathlib import Path

import numpy as np
import pytest
import torch

from baseline_code.images.reading import ImageReadError
from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.leaks import LeakError
from ocr.annotations.words import ImageAnnotation
from ocr.datasets.datamodule import DetectionDataModule, Split
from ocr.datasets.pseudo_labelled import PseudoSplit, SoftLabels
from ocr.label_maps.soft_maps import IgnoreBand
from ocr.transforms.geometric import Letterbox, RandomTransform
from tests.oracles.polygons import box
from tests.small_data import block, random_split, write_split

WORD = box(16, 24, 80, 56)
SHIFTED = RandomTransform(64, scale=(0.5, 0.5), shift=1.0)


class LeftHalfTeacher:
    """Is sure that the left half of every image is text, unsure of the right one's upper half, and sees one word."""

    def __init__(self, folder, filenames):
        self.folder = folder
        self.filenames = filenames

    def labelled_images(self):
        return LabelledImages.in_folder(map(ImageAnnotation, self.filenames), self.folder)

    def read(self, filename):
        soft = np.zeros((64, 64), np.uint8)
        soft[:, :32], soft[:32, 32:] = 240, 100
        return SoftLabels(soft, (WORD,))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    random_split(tmp_path, "train", 3, seed=0)
    write_split(tmp_path, "val", {"val.png": (96, 96, [block(4, 8, 40, 10)])})
    # A teacher's image may have the name of a labelled one: it is another folder.
    write_split(tmp_path, "new", {"train_0.png": (128, 128, []), "b.png": (64, 128, [])})
    return tmp_path


def datamodule(root, *filenames, transform=None, pseudo=True, **options):
    teacher = LeftHalfTeacher(root / "images/new", filenames or ("train_0.png", "b.png"))
    split = Split("train", transform or Letterbox(64), 2)
    val = Split("val", Letterbox(64), 2)
    pseudo_split = PseudoSplit(teacher, IgnoreBand(0.1, 0.6)) if pseudo else None
    return DetectionDataModule(root, split, val, val, **{"num_workers": 0, "pseudo": pseudo_split} | options)


def samples(data, epoch=0):
    dataset = data.train_dataloader().dataset
    return [dataset[epoch, index] for index in range(len(dataset))]


def test_they_come_after_the_labelled_ones_and_every_one_once_an_epoch_of_training(root):
    expected = [*(f"train_{number}.png" for number in range(3)), "train_0.png", "b.png"]
    drawn = samples(datamodule(root, transform=SHIFTED))
    assert [one.record.filename for one in drawn] == expected
    assert len({one.record.input_to_original[0, 2] for one in drawn}) == 5  # the first one is image 3, not 0 again
    data = datamodule(root, group_shapes=True)
    loader = data.train_dataloader()
    assert loader.sampler.shapes[-2:].tolist() == [1.0, 0.5]  # from the headers: 128 x 128 and 64 x 128
    batches = list(loader)
    assert sorted(name for batch in batches for name in batch.filenames) == sorted(expected)
    floats = torch.cat([batch.targets.as_floats().probability.flatten() for batch in batches])
    assert set(floats.unique().tolist()) >= {0.0, 1.0, np.float32(240) / np.float32(255)}
    assert [name for batch in data.val_dataloader() for name in batch.filenames] == ["val.png"]


def test_their_maps_by_hand(root):
    """At half size: the soft map as it is, its unsure part left out, the threshold map around the certain word."""
    sample = samples(datamodule(root))[3]
    probability, mask, _, threshold_mask = (maps[0] for maps in sample.targets)
    expected = np.zeros((64, 64), np.uint8)
    expected[:, :32], expected[:32, 32:] = 240, 100
    np.testing.assert_array_equal(probability, expected)
    certain = np.ones((64, 64), np.uint8)
    certain[:32, 32:] = 0  # 100 / 255 = 0.39 lies in the band
    np.testing.assert_array_equal(mask, certain)
    # The word is 32 x 16 px at 8, 12: D = 512 * 0.84 / 96 = 4.48. Dilated: x 3.52 … 44.48, y 7.52 … 32.48.
    rows, columns = np.nonzero(threshold_mask)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 31, 4, 43)
    np.testing.assert_array_equal(sample.record.polygons[0], WORD)


def test_they_are_seen_as_the_training_split_is_and_do_not_change_labelled_images(root):
    transform = RandomTransform(64, scale=(0.7, 1.4), rotate=10.0, flip=0.5)
    first, again, second = (samples(datamodule(root, transform=transform), epoch) for epoch in (0, 0, 1))
    assert np.abs(first[3].record.input_to_original - second[3].record.input_to_original).max() > 1e-6
    alone = samples(datamodule(root, transform=transform, pseudo=False))
    assert (len(alone), len(first)) == (3, 5)
    for one, other in zip([*again, *alone], [*first, *first[:3]], strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        for ours, theirs in zip(one.targets, other.targets, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_workers_have_the_teacher_too(root):
    alone, by_worker = (list(datamodule(root, num_workers=count).train_dataloader()) for count in (0, 1))
    for one, other in zip(alone, by_worker, strict=True):
        assert one.filenames == other.filenames
        assert torch.equal(one.targets.probability, other.targets.probability)


def test_one_that_is_validated_on_is_a_leak_unless_allowed(root):
    (root / "images/new/copy.png").write_bytes((root / "images/val/val.png").read_bytes())
    with pytest.raises(LeakError, match=r"val\.png \(train: copy\.png\)"):
        datamodule(root, "b.png", "copy.png").setup("fit")
    datamodule(root, "b.png", "copy.png", allow_leak=True).setup("fit")
    datamodule(root, "b.png").setup("fit")


def test_the_last_labelled_image_gives_its_place_to_the_teachers_first(root):
    (root / "images/train/train_2.png").write_bytes(b"")
    sample = datamodule(root, unreadable="skip").train_dataloader().dataset[0, 2]
    assert (sample.record.filename, sample.record.width_original) == ("train_0.png", 128)
    np.testing.assert_array_equal(sample.record.polygons[0], WORD)
    assert [image.filename for image in sample.instead_of] == ["train_2.png"]
    (root / "images/new/b.png").write_bytes(b"")
    with pytest.raises(ImageReadError, match=r"b\.png"):
        datamodule(root).train_dataloader().dataset[0, 4]
