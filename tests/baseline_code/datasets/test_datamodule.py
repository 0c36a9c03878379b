"""Loaders over the splits of a source."""

import logging

import numpy as np
import pytest
import torch

from baseline_code.datasets import (
    ClassificationAugmentation,
    ClassificationDataModule,
    FolderSource,
    SourceError,
    Splits,
)
from baseline_code.datasets.dataset import ClassificationDataset, resize_square
from baseline_code.datasets.leaks import LeakError
from baseline_code.training.sampler import SampleKey
from tests.baseline_code.datasets.small_images import Images, colour, encode, write_images

AUGMENTATION = ClassificationAugmentation(horizontal_flip=0.5, rotate=20, brightness=0.2, erase=0.5)


class Source:
    def __init__(self, train, val, test=None):
        self.splits = Splits(train, val, test)

    def load(self):
        return self.splits


def module(train=(0, 0, 0, 0, 0, 0, 1, 1), val=(0, 1), test=(1,), **options):
    splits = [Images(labels, prefix=f"{name}/") for name, labels in (("train", train), ("val", val), ("test", test))]
    return ClassificationDataModule(Source(*splits), **{"img_size": 8, "batch_size": 3, "num_workers": 0} | options)


def test_batches_have_pixels_labels_and_names():
    batches = list(module().val_dataloader())
    assert len(batches) == 1
    assert batches[0].images.shape == (2, 3, 8, 8)
    assert batches[0].images.dtype == torch.uint8
    assert batches[0].images.is_contiguous(memory_format=torch.channels_last)
    assert (batches[0].labels.tolist(), batches[0].labels.dtype) == ([0, 1], torch.int64)
    assert batches[0].filenames == ("val/0", "val/1")
    assert batches[0].images[1, :, 0, 0].tolist() == colour(1)[0, 0].tolist()
    moved = batches[0].to("cpu")
    assert moved.filenames == batches[0].filenames
    assert torch.equal(moved.images, batches[0].images)


def test_training_batches_depend_on_seed_and_epoch_alone_whatever_the_workers():
    def epoch(number, **options):
        loader = module(augmentation=AUGMENTATION, **options).train_dataloader()
        loader.sampler.set_epoch(number)
        return torch.cat([batch.images for batch in loader])

    assert torch.equal(epoch(1), epoch(1, num_workers=2))
    assert not torch.equal(epoch(1), epoch(2))
    assert not torch.equal(epoch(1), epoch(1, seed=1))


def test_validation_and_test_are_in_order_and_not_augmented():
    data = module(augmentation=AUGMENTATION)
    assert torch.equal(next(iter(data.val_dataloader())).images, next(iter(module().val_dataloader())).images)
    assert next(iter(data.test_dataloader())).filenames == ("test/0",)


def test_a_source_may_lack_a_test_or_a_validation_split():
    data = ClassificationDataModule(Source(Images([0, 1]), None), img_size=8)
    data.setup("fit")
    assert (data.val, data.test, data.val_dataloader()) == (None, None, [])
    with pytest.raises(SourceError, match="expected a source with a test split, got none"):
        data.test_dataloader()


def test_balance_by_weights_or_by_sampler():
    assert module().class_weights is None
    weights = module(balance="weights").class_weights
    # 6 and 2 images: 1/6 and 1/2, with mean 1/3, thus 0.5 and 1.5
    torch.testing.assert_close(weights, torch.tensor([0.5, 1.5]))
    labels = torch.cat([batch.labels for batch in module(balance="sampler").train_dataloader()])
    assert labels.bincount().tolist() == [4, 4]


def test_a_limit_takes_a_few_of_every_class():
    data = module(limit=4, val=(0,) * 9 + (1,))
    assert np.bincount(data.train.labels).tolist() == [3, 1]
    assert len(data.val) == 4
    assert data.classes == ("no", "yes")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"balance": "both"}, "expected balance among .*, got 'both'"),
        ({"img_size": 0}, "expected img_size >= 1, got 0"),
        ({"batch_size": 0}, "expected batch_size >= 1, got 0"),
        ({"limit": 0}, "expected limit >= 1, got 0"),
        ({"limit": 1}, r"datasets\.limit=1: expected training images of every class, got none of"),
        ({"train": (0, 0)}, "datasets: expected training images of every class, got none of yes"),
    ],
)
def test_settings_out_of_range_and_classes_without_images_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        module(**options).setup("fit")


def test_a_class_that_has_no_image_to_evaluate_on_is_named(caplog):
    module(val=(1, 1), test=(0, 1)).setup("fit")
    assert caplog.messages == ["the validation split has no image of no: an AUC that needs them counts as 0"]


def test_equal_files_are_reported_with_numbers_and_shared_files_refused(tmp_path, caplog):
    write_images(tmp_path, ["train/a/0.png", "train/b/1.png", "val/a/2.png", "val/b/3.png"])
    (tmp_path / "val/a/2.png").write_bytes(encode(colour(1)))
    with caplog.at_level(logging.WARNING):
        ClassificationDataModule(FolderSource(tmp_path), img_size=8).setup("fit")
    assert "1 of 2 validation images are in the training split too" in caplog.text
    assert "val/a/2.png (train: train/b/1.png)" in caplog.text
    same = Images([0, 1])
    with pytest.raises(LeakError, match="in the validation split, got 2 in both: image0, image1"):
        ClassificationDataModule(Source(same, same), img_size=8).setup("fit")


def test_images_are_averaged_when_they_shrink_and_stay_when_they_fit():
    checks = np.indices((8, 8)).sum(axis=0) % 2 * 200
    image = np.repeat(checks[:, :, None], 3, axis=2).astype(np.uint8)
    assert resize_square(image, 8) is image
    assert (resize_square(image, 4) == 100).all()
    assert resize_square(image[:4], 16).shape == (16, 16, 3)
    assert (resize_square(np.full((4, 6, 3), 77, np.uint8), 9) == 77).all()


def test_an_image_that_comes_again_in_an_epoch_is_changed_otherwise():
    data = ClassificationDataset(Images([0, 1]), 16, ClassificationAugmentation(brightness=0.5), seed=0)
    first, again, second = (data[SampleKey(0, 1, repeat)].image for repeat in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, second)
