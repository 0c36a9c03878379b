"""Caches of several models as one stream of maps."""

import numpy as np
import pytest

from ocr.annotations.records import ImageRecord
from ocr.ensemble import fuse_caches
from ocr.geometry import scaling
from ocr.probability_maps import CacheError, ImageMap, MapCache, MapCacheWriter

WIDTH, HEIGHT = 96, 64
NAMES = ("b.jpg", "a.jpg", "c.jpg")


def image_map(name, probability):
    height, width = probability.shape
    return ImageMap(ImageRecord(name, WIDTH, HEIGHT, scaling(WIDTH / width, HEIGHT / height)), probability)


def cache(folder, maps, *, digest="0" * 64):
    with MapCacheWriter(folder, source={}) as writer:
        for name, probability in maps.items():
            writer.add(image_map(name, probability), digest)
    return MapCache(folder)


def noise(seed, scale=1):
    rng = np.random.default_rng(seed)
    shape = HEIGHT * scale // 2, WIDTH * scale // 2
    return {name: rng.integers(0, 65536, shape).astype(np.uint16) for name in NAMES}


@pytest.mark.parametrize("space", ["probability", "logit"])
@pytest.mark.parametrize(("weights", "threads"), [((1.0,), 1), ((1.0,), 3), ((0.2, 0.3, 0.5), 1)])
def test_an_ensemble_of_one_model_or_of_copies_is_that_model(tmp_path, space, weights, threads):
    maps = noise(0)
    caches = [cache(tmp_path / str(number), maps) for number, _ in enumerate(weights)]
    fused = list(fuse_caches(caches, weights, space=space, threads=threads))
    assert [one.record.filename for one in fused] == list(NAMES)
    for one in fused:
        np.testing.assert_array_equal(one.probability, maps[one.record.filename])


def test_weights_1_and_0_give_the_first_member_even_where_the_second_is_larger_and_damaged(tmp_path):
    maps = noise(0)
    first, second = cache(tmp_path / "one", maps), cache(tmp_path / "two", noise(1, scale=2))
    (tmp_path / "two/maps/a.jpg.png").write_bytes(b"")
    for one in fuse_caches([first, second], [1, 0]):
        np.testing.assert_array_equal(one.probability, maps[one.record.filename])


def test_weights_are_shares_of_the_mean(tmp_path):
    """0.75 * 40000 + 0.25 * 20000 = 35000."""
    caches = [cache(tmp_path / str(level), {"b.jpg": np.full((8, 8), level, np.uint16)}) for level in (40000, 20000)]
    (fused,) = fuse_caches(caches, [3, 1])
    assert (fused.probability == 35000).all()


def test_caches_that_do_not_fit_together_are_refused_before_any_is_read(tmp_path):
    first, maps = cache(tmp_path / "one", noise(0)), noise(1)
    second = cache(tmp_path / "two", maps | {"d.jpg": maps["c.jpg"]})
    with pytest.raises(ValueError, match=r"two: expected the images of .*one, got 1 others \(d\.jpg\) and none of 0"):
        fuse_caches([first, second])
    with pytest.raises(ValueError, match=r"expected the order of .*one with b\.jpg where it has a\.jpg"):
        fuse_caches([first, cache(tmp_path / "sorted", dict(sorted(maps.items())))])
    with pytest.raises(ValueError, match=r"got 3 of other files with the same name \(b\.jpg, a\.jpg, c\.jpg\)"):
        fuse_caches([first, cache(tmp_path / "other", maps, digest="1" * 64)])
    with pytest.raises(ValueError, match="a weight for each of the 1 members, got 2"):
        fuse_caches([first], [1, 2])


def test_a_damaged_map_is_told_when_its_turn_comes(tmp_path):
    one = cache(tmp_path / "one", noise(0))
    (tmp_path / "one/maps/a.jpg.png").write_bytes(b"")
    fused = fuse_caches([one], threads=1)
    next(fused)
    with pytest.raises(CacheError, match=r"a\.jpg"):
        list(fused)
