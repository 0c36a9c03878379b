"""One map of an image from one view or several: what networks that see each pixel alone make of known images."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import avg_pool2d

from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.words import ImageAnnotation
from ocr.datasets.evaluation import EvaluationDataset, collate_views
from ocr.inference.image_maps import run_network
from ocr.transforms.geometric import Letterbox
from ocr.transforms.tta_views import TTAViews
from tests.small_data import block, write_split

LEFT_WORDS = [block(6, 10, 50, 12), block(10, 60, 30, 20)]
SYMMETRIC = [block(20, 10, 50, 12), block(30, 60, 30, 20)]  # in an image of 90 px


def darkness(images):
    """1 for black, 0 for white, each pixel on its own."""
    return 1 - images.float().mean(dim=1, keepdim=True) / 255


def blurred_darkness(images):
    """The mean of 3 x 3 pixels: knows no left and right."""
    return avg_pool2d(darkness(images), 3, stride=1, padding=1)


def brighter_to_the_right(images):
    """From 0 at the left edge of the input to 1 at the right one: a network that is not symmetric at all."""
    width = images.shape[-1]
    row = (torch.arange(width) + 0.5) / width
    return row.expand(len(images), 1, images.shape[-2], width)


@pytest.fixture
def folder(tmp_path):
    images = {"left.png": (90, 128, LEFT_WORDS), "symmetric.png": (90, 128, SYMMETRIC), "wide.png": (300, 200, [])}
    write_split(tmp_path, "val", images)
    rng = np.random.default_rng(0)  # noise, so that a pixel in another place is another pixel
    noise = rng.integers(0, 256, (200, 300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "images/val/wide.png")
    return tmp_path / "images/val"


def view_batch(folder, views, *names, batch_size=4):
    blank = [ImageAnnotation(name) for name in names]
    dataset = EvaluationDataset(LabelledImages.in_folder(blank, folder), views)
    samples = [dataset[0, index] for index in range(len(names))]
    return collate_views(samples, batch_size=batch_size)


def fused(folder, views, network, name):
    (pending,) = run_network(network, view_batch(folder, views, name))
    return pending.read()


def plain(folder, base, network, name):
    return fused(folder, TTAViews(base), network, name)


def assert_same(ours, theirs, tolerance=0):
    assert ours.probability.dtype == theirs.probability.dtype == np.uint16
    assert ours.probability.shape == theirs.probability.shape
    np.testing.assert_allclose(ours.record.input_to_original, theirs.record.input_to_original, rtol=1e-12)
    assert np.abs(ours.probability.astype(int) - theirs.probability).max() <= tolerance


def test_the_padding_is_no_part_of_the_map(folder):
    """90 x 128 at 64 px is 45 x 64 of a square input."""
    image = plain(folder, Letterbox(64), darkness, "left.png")
    assert image.probability.shape == (64, 45)
    np.testing.assert_array_equal(image.record.input_to_original, np.diag([2, 2, 1]))


def test_a_batch_without_images_does_not_ask_the_network():
    def fail(batch):
        raise AssertionError

    assert run_network(fail, collate_views([], batch_size=2)) == []


@pytest.mark.parametrize(
    ("name", "size", "padding"),
    [("symmetric.png", 64, "square"), ("left.png", 96, "square"), ("left.png", 128, "multiple")],
)
def test_the_mirror_image_changes_nothing_for_a_network_that_knows_no_left_and_right(folder, name, size, padding):
    """Also for an image that is not symmetric: it is flipped back. To the bit."""
    base = Letterbox(size, padding)
    flipped = fused(folder, TTAViews(base, flip=True), blurred_darkness, name)
    assert_same(flipped, plain(folder, base, blurred_darkness, name))


def test_the_mirror_image_is_looked_at_and_flipped_back(folder):
    """x / W in the one and 1 - x / W in the other, flipped back: the mean is a half everywhere."""
    image = fused(folder, TTAViews(Letterbox(64), flip=True), brighter_to_the_right, "left.png")
    assert np.abs(image.probability.astype(int) - 32768).max() <= 1
    assert np.ptp(plain(folder, Letterbox(64), brighter_to_the_right, "left.png").probability) > 40000


def test_tiles_line_up(folder):
    """Every pixel of the noise comes back in its place, whichever tiles saw it."""
    views = TTAViews(Letterbox(64), tile=128, flip=True)
    assert len(views(300, 200).tta_views) == 12
    whole = plain(folder, Letterbox(320), darkness, "wide.png")  # 300 x 200 is enlarged
    tiled = fused(folder, views, darkness, "wide.png")
    assert tiled.probability.shape == (200, 300) != whole.probability.shape
    exact = fused(folder, TTAViews(Letterbox(64), tile=320), darkness, "wide.png")
    assert_same(tiled, exact, tolerance=1)


def test_one_tile_is_the_plain_view(folder):
    tiled = fused(folder, TTAViews(Letterbox(64), tile=128), blurred_darkness, "left.png")
    assert_same(tiled, plain(folder, Letterbox(128), blurred_darkness, "left.png"))


def test_neighbouring_tiles_blend_into_each_other(folder):
    """Each tile runs from 0 to 1: hard seams would jump by 2 / 3 and more, blended ones by no more than the ramps."""
    image = fused(folder, TTAViews(Letterbox(64), tile=128, overlap=0.5), brighter_to_the_right, "wide.png")
    steps = np.abs(np.diff(image.probability.astype(int), axis=1)) / 65535
    assert steps.max() < 0.03


def test_scales_are_fused_in_the_frame_of_the_largest(folder):
    """The upper word of `left.png` lies at 6..56 x 10..22 of 90 x 128; at scale 2 of 64 px the map is the image."""
    image = fused(folder, TTAViews(Letterbox(64), scales=[1.0, 2.0]), darkness, "left.png")
    assert image.probability.shape == (128, 90)
    np.testing.assert_allclose(image.record.input_to_original, np.eye(3), rtol=1e-12)
    part = image.probability[:40].astype(float) - image.probability[:4].mean()
    rows, columns = np.indices(part.shape) + 0.5
    centre = (columns * part).sum() / part.sum(), (rows * part).sum() / part.sum()
    np.testing.assert_allclose(centre, [31, 16], atol=0.1)


@pytest.mark.parametrize("name", ["left.png", "symmetric.png"])
def test_a_rotated_view_is_turned_back(folder, name):
    """What remains is the smoothing of edges by two interpolations."""
    straight = plain(folder, Letterbox(128), darkness, name).probability.astype(float) / 65535
    turned = fused(folder, TTAViews(Letterbox(128), rotations=[9.0]), darkness, name).probability / 65535
    assert turned.shape == straight.shape
    assert np.abs(turned - straight).mean() < 0.02
    assert np.corrcoef(turned.ravel(), straight.ravel())[0, 1] > 0.98


def test_a_batch_of_images_gives_what_each_gives_alone(folder):
    views = TTAViews(Letterbox(64, "multiple"), flip=True, scales=[1.0, 1.5], rotations=[0.0, 3.0])
    names = ["left.png", "wide.png", "symmetric.png"]
    together = run_network(blurred_darkness, view_batch(folder, views, *names, batch_size=3))
    assert [pending.record.filename for pending in together] == names
    for name, pending in zip(names, together, strict=True):
        assert_same(pending.read(), fused(folder, views, blurred_darkness, name))
