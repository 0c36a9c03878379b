"""The order of an epoch: complete or balanced, reproducible, assigned fairly among processes."""

import math

import numpy as np
import pytest

from baseline_code.training.sampler import EpochSampler

LABELS = np.array([0] * 12 + [1] * 3 + [2] * 5)
SHAPES = np.random.default_rng(0).uniform(0.3, 1.5, 203).tolist()


def epoch(sampler, number=0):
    sampler.set_epoch(number)
    return [key.image for key in sampler]


def training(length=37, batch_size=4, **options):
    return EpochSampler(length, batch_size, **{"seed": 1, "shuffle": True} | options)


@pytest.mark.parametrize("shapes", [None, SHAPES])
@pytest.mark.parametrize(("length", "batch_size"), [(203, 4), (203, 203), (203, 500), (203, 1), (203, 7)])
@pytest.mark.parametrize("shuffle", [True, False])
def test_each_image_comes_once_per_epoch(shapes, length, batch_size, shuffle):
    sampler = EpochSampler(length, batch_size, seed=1, shuffle=shuffle, shapes=shapes)
    for number in range(3):
        assert sorted(epoch(sampler, number)) == list(range(length))
    assert len(sampler) == length


def test_the_order_depends_on_seed_and_epoch_alone_and_evaluation_has_none():
    used, fresh = training(), training()
    orders = [epoch(used, number) for number in range(5)]
    assert {key.epoch for key in used} == {4}  # the keys carry it
    np.random.seed(7)  # noqa: NPY002  (the global state that must not matter)
    assert epoch(used, 2) == epoch(fresh, 2) == orders[2]
    others = [*orders, epoch(training(seed=2)), list(range(37))]
    assert len(set(map(tuple, others))) == len(others)
    evaluation = EpochSampler(9, 4, seed=1, shuffle=False)
    assert epoch(evaluation, 0) == epoch(evaluation, 5) == list(range(9))


@pytest.mark.parametrize("shapes", [None, SHAPES[:38]])
def test_the_incomplete_batch_stays_last(shapes):
    # The loader cuts the order every 4: were the batch of 2 elsewhere, all later batches would mix two shapes.
    sampler = training(38, 4, shapes=shapes)
    for number in range(5):
        sampler.set_epoch(number)
        assert [len(batch) for batch in sampler._batches()] == [4] * 9 + [2]


def test_batches_are_of_similar_shape():
    """Four portraits and four landscapes, mixed, in batches of two: no batch holds both."""
    shapes = [0.5, 2.0] * 4
    for number in range(10):
        order = epoch(training(8, 2, shapes=shapes), number)
        batches = [{shapes[index] for index in order[start : start + 2]} for start in range(0, 8, 2)]
        assert all(len(batch) == 1 for batch in batches)


def test_grouping_saves_padding_and_stays_random():
    def shapes(order):
        return [[SHAPES[index] for index in order[start : start + 4]] for start in range(0, 200, 4)]

    def spread(order):
        return np.mean([np.ptp(batch) for batch in shapes(order)])

    orders = [epoch(training(203, 4, shapes=SHAPES), number) for number in range(10)]
    assert spread(orders[0]) < 0.3 * spread(epoch(training(203, 4)))
    assert len({frozenset(order[:4]) for order in orders}) == 10
    means = [np.mean(batch) for batch in shapes(orders[0])]  # the batches do not come in the order of their shapes
    assert means not in (sorted(means), sorted(means, reverse=True))


@pytest.mark.parametrize("world_size", [2, 3, 8])
@pytest.mark.parametrize("length", [1, 3, 37, 40])
def test_in_evaluation_processes_share_the_images_without_overlap(world_size, length):
    ranks = [
        epoch(EpochSampler(length, 4, seed=1, shuffle=False, rank=rank, world_size=world_size))
        for rank in range(world_size)
    ]
    assert sorted(index for rank in ranks for index in rank) == list(range(length))


@pytest.mark.parametrize("world_size", [2, 3, 8])
@pytest.mark.parametrize("length", [1, 5, 37, 40])
def test_in_training_all_processes_get_the_same_number_of_batches(world_size, length):
    samplers = [training(length, 4, rank=rank, world_size=world_size) for rank in range(world_size)]
    for number in range(3):
        ranks = [epoch(sampler, number) for sampler in samplers]
        batches = [math.ceil(len(rank) / 4) for rank in ranks]
        assert set(batches) == {math.ceil(math.ceil(length / 4) / world_size)}
        assert {index for rank in ranks for index in rank} == set(range(length))
        assert [len(sampler) for sampler in samplers] == list(map(len, ranks))


@pytest.mark.parametrize("world_size", [2, 3])
def test_what_processes_get_are_the_batches_of_a_single_one(world_size):
    sampler = training(36, 4)
    order = epoch(sampler, 1)
    ranks = [epoch(training(36, 4, rank=rank, world_size=world_size), 1) for rank in range(world_size)]
    whole = [order[start : start + 4] for start in range(0, 36, 4)]
    assigned = [rank[start : start + 4] for start in range(0, len(ranks[0]), 4) for rank in ranks]
    assert assigned[: len(whole)] == whole


@pytest.mark.parametrize("shuffle", [True, False])
def test_no_images_give_an_empty_epoch(shuffle):
    sampler = EpochSampler(0, 4, seed=1, shuffle=shuffle, world_size=2)
    assert (list(sampler), len(sampler)) == ([], 0)


def balanced(number=0, **options):
    sampler = EpochSampler(20, 4, seed=1, shuffle=True, balanced_by=LABELS, **options)
    sampler.set_epoch(number)
    return list(sampler)


@pytest.mark.parametrize("shapes", [None, SHAPES[:20]])
def test_balanced_epochs_have_every_class_equally_often(shapes):
    keys = balanced(shapes=shapes)
    images = [key.image for key in keys]
    assert sorted(np.bincount(LABELS[images]).tolist()) == [6, 7, 7]  # 20 = 6 + 7 + 7
    per_image = np.bincount(images, minlength=20)
    assert per_image[:12].max() == 1  # of the large class some stay out
    assert set(per_image[12:15].tolist()) <= {2, 3}  # 6 or 7 of 3 images
    assert len(set(keys)) == 20  # an image that comes again has another key, thus another augmentation
    assert balanced(shapes=shapes) == keys
    assert balanced(1, shapes=shapes) != keys
    turns = {key.image for number in range(12) for key in balanced(number, shapes=shapes)}
    assert turns == set(range(20))  # over epochs every image of the large class has its turn


def test_processes_share_a_balanced_epoch():
    keys, ranks = balanced(), [balanced(rank=rank, world_size=2) for rank in range(2)]
    assert ranks[0][:4] + ranks[1][:4] + ranks[0][4:8] == keys[:12]
    assert [len(rank) for rank in ranks] == [12, 12]  # five batches of 4, the first one twice
