"""Maps that are drawn from shrunk on a device are those that the workers draw."""

import numpy as np
import pytest
import torch

from ocr.label_maps import polygon_chunks
from ocr.label_maps.device_maps import TargetPolygons
from ocr.label_maps.painting import build_targets
from ocr.label_maps.polygon_chunks import chunk_polygons
from ocr.label_maps.shrinking import prepare_polygons
from ocr.label_maps.target_maps import stack_maps
from tests.datasets.scenes import SCENES, SIDE
from tests.oracles.polygons import bent_line, box, tilted_box
from tests.oracles.published_maps import published_maps

BOW_TIE = np.array([[10, 10], [50, 30], [50, 10], [10, 30]], np.float32)
STAR = np.array([[48, 4], [54, 20], [90, 22], [56, 28], [60, 44], [48, 32], [36, 44], [40, 28], [6, 22], [42, 20]])

IMAGES = {
    "box": ([box(20, 10, 60, 30)], []),
    "tilted": ([tilted_box(48, 24, 60, 17, 21)], []),
    "counter-clockwise": ([tilted_box(48, 24, 60, 17, 21)[::-1]], []),
    "bent": ([bent_line(48, 20, 70, 14, 12)], []),
    "star": ([STAR.astype(np.float32)], []),
    "overlapping": ([box(5, 5, 50, 20), tilted_box(50, 20, 70, 14, -30), box(10, 8, 40, 30)], []),
    "reaching outside": ([box(-20, -8, 30, 12), box(70, 30, 120, 60)], []),
    "larger than the image": ([box(-500, -500, 600, 600)], []),
    "outside": ([box(200, 10, 240, 30), box(-50, -40, -10, -20)], []),
    "ignored over readable": ([box(30, 15, 60, 25), box(20, 10, 90, 40)], [1]),
    "ignored under readable": ([box(20, 10, 90, 40), box(30, 15, 60, 25)], [0]),
    "ignored reaching outside": ([box(60, 20, 120, 70)], [0]),
    "bow tie": ([BOW_TIE], []),
    "too small": ([tilted_box(48, 24, 30, 2.5, 10), box(10, 30, 50, 40)], []),
    "ragged": ([box(3, 3, 30, 15), bent_line(60, 20, 50, 12, 8), np.float32([[5, 30], [40, 22], [30, 45]])], []),
    "nothing": ([], []),
}


def shrunk(polygons, ignored):
    return prepare_polygons(polygons, [index in ignored for index in range(len(polygons))])


def device_maps(images, sizes, height, width):
    chunks = chunk_polygons([shrunk(*image) for image in images], sizes)
    return TargetPolygons((len(images), height, width), chunks)


def worker_maps(images, sizes, height, width):
    maps = [
        build_targets(polygons, [index in ignored for index in range(len(polygons))], *size)
        for (polygons, ignored), size in zip(images, sizes, strict=True)
    ]
    return stack_maps(maps, height, width).as_floats()


def assert_same(drawn, expected):
    for name, one, other in zip(drawn._fields, drawn, expected, strict=True):
        assert one.dtype == torch.float32
        assert one.shape == other.shape
        level = 0.4 / 255 if name == "threshold" else 0.0
        assert torch.allclose(one, other, rtol=0.0, atol=0.5 * level + 1e-6), name


@pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES)
def test_one_image(image):
    drawn = device_maps([image], [(48, 96)], 48, 96).as_floats()
    assert_same(drawn, worker_maps([image], [(48, 96)], 48, 96))


def test_a_batch_of_images_of_different_sizes_is_padded_with_background():
    images = list(IMAGES.values())
    sizes = [(48 - 3 * (index % 5), 96 - 7 * (index % 4)) for index in range(len(images))]
    drawn = device_maps(images, sizes, 64, 128).as_floats()
    assert drawn.threshold.shape == (len(images), 1, 64, 128)
    assert_same(drawn, worker_maps(images, sizes, 64, 128))


def test_pieces_of_a_batch_are_drawn_as_the_whole(monkeypatch):
    images = list(IMAGES.values())
    sizes = [(48, 96)] * len(images)
    whole = device_maps(images, sizes, 48, 96)
    monkeypatch.setattr(polygon_chunks, "PIXELS_AT_ONCE", 3000)
    pieces = device_maps(images, sizes, 48, 96)
    assert len(whole.chunks) == 1
    assert len(pieces.chunks) > 5
    for one, other in zip(whole.as_floats(), pieces.as_floats(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_images_without_words_are_background_that_counts(count):
    drawn = device_maps([([], [])] * count, [(32, 64)] * count, 32, 64).as_floats()
    assert drawn.probability.shape == (count, 1, 32, 64)
    assert (drawn.probability_mask == 1).all()
    assert (drawn.threshold == 0.3).all()
    assert not drawn.probability.any()
    assert not drawn.threshold_mask.any()


@pytest.mark.parametrize("kind", SCENES)
def test_a_whole_receipt_is_the_published_algorithms(kind):
    polygons, ignore = SCENES[kind]
    chunks = chunk_polygons([prepare_polygons(polygons, ignore)], [(SIDE, SIDE)])
    drawn = TargetPolygons((1, SIDE, SIDE), chunks).as_floats()
    expected = published_maps(polygons, ignore, SIDE, SIDE)
    for name in ("probability", "probability_mask", "threshold_mask"):
        assert (getattr(drawn, name)[0, 0].numpy() != getattr(expected, name)).sum() <= 3, name  # ties
    assert np.abs(drawn.threshold[0, 0].numpy() - expected.threshold).max() < 1e-5


def test_nothing_is_read_back_from_the_device():
    """Tensors on "meta" have no values: whatever asks for one fails."""
    images = list(IMAGES.values())
    packed = device_maps(images, [(48, 96)] * len(images), 48, 96)
    drawn = packed.moved(lambda tensor: tensor.to("meta")).as_floats()
    assert {maps.device.type for maps in drawn} == {"meta"}
    assert {maps.shape for maps in drawn} == {(len(images), 1, 48, 96)}


def test_the_users_wish_for_determinism_stays():
    packed = device_maps([IMAGES["box"]], [(48, 96)], 48, 96)
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        packed.as_floats()
        assert torch.get_deterministic_debug_mode() == 1
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.gpu
def test_an_accelerator_draws_the_same_without_being_waited_for():
    images = list(IMAGES.values())
    sizes = [(48, 96)] * len(images)
    packed = device_maps(images, sizes, 48, 96).moved(torch.Tensor.cuda)
    torch.use_deterministic_algorithms(True)
    torch.cuda.set_sync_debug_mode("error")
    try:
        drawn = packed.as_floats()
    finally:
        torch.cuda.set_sync_debug_mode("default")
        torch.use_deterministic_algorithms(False)
    assert_same(type(drawn)(*(maps.cpu() for maps in drawn)), worker_maps(images, sizes, 48, 96))
