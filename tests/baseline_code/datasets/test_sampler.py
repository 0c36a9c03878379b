"""The order of an epoch: complete or balanced, reproducible, assigned among processes."""

import numpy as np
import pytest

from baseline_code.datasets.sampler import ClassificationSampler

LABELS = np.array([0] * 12 + [1] * 3 + [2] * 5)


def epoch(number=0, *, seed=1, shuffle=True, **options):
    sampler = ClassificationSampler(LABELS, seed=seed, shuffle=shuffle, **options)
    sampler.set_epoch(number)
    keys = list(sampler)
    assert len(keys) == len(sampler)
    assert {key.epoch for key in keys} == {number}
    return keys


def images(keys):
    return [key.image for key in keys]


def test_each_image_comes_once_in_an_order_of_seed_and_epoch():
    assert sorted(images(epoch())) == list(range(20))
    assert epoch(2) == epoch(2)
    assert images(epoch(0)) != images(epoch(1))
    assert images(epoch(0)) != images(epoch(0, seed=2))
    assert images(epoch(5, shuffle=False)) == list(range(20))


def test_balanced_epochs_have_every_class_equally_often():
    keys = epoch(balanced=True)
    counts = np.bincount(LABELS[images(keys)])
    assert sorted(counts.tolist()) == [6, 7, 7]  # 20 = 6 + 7 + 7
    per_image = np.bincount(images(keys), minlength=20)
    assert per_image[:12].max() == 1  # of the large class some stay out
    assert set(per_image[12:15].tolist()) <= {2, 3}  # 6 or 7 of 3 images
    assert len(set(keys)) == 20  # an image that comes again has another key, thus another augmentation
    assert epoch(balanced=True) == keys
    assert epoch(1, balanced=True) != keys


def test_over_epochs_every_image_of_a_large_class_has_its_turn():
    seen = {image for number in range(12) for image in images(epoch(number, balanced=True))}
    assert seen == set(range(20))


@pytest.mark.parametrize("balanced", [False, True])
def test_processes_share_a_training_epoch_in_equal_parts(balanced):
    parts = [epoch(rank=rank, world_size=3, balanced=balanced) for rank in range(3)]
    assert [len(part) for part in parts] == [7, 7, 7]
    merged = [key for row in zip(*parts, strict=True) for key in row]
    assert merged[:20] == epoch(balanced=balanced)


def test_in_evaluation_no_image_comes_twice():
    parts = [epoch(shuffle=False, rank=rank, world_size=3) for rank in range(3)]
    assert sorted(image for part in parts for image in images(part)) == list(range(20))
