"""Copies share a hash, different images do not."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from baseline_code.images.perceptual_hash import BITS, hash_image, near_pairs, perceptual_hash
from baseline_code.images.reading import ImageReadError


def page(seed, *, size=(360, 240), margin=0):
    """White paper with dark words of random places below each other."""
    rng = np.random.default_rng(seed)
    height, width = size
    pixels = np.full((height + 2 * margin, width + 2 * margin, 3), 240, np.uint8)
    for top in range(10, height - 20, 18):
        left = int(rng.integers(5, width // 2))
        for _ in range(int(rng.integers(1, 5))):
            right = min(left + int(rng.integers(10, 60)), width - 4)
            pixels[margin + top : margin + top + 9, margin + left : margin + right] = 30
            left = right + 6
            if left > width - 20:
                break
    return pixels


def distance(one, other):
    return int(np.bitwise_count(perceptual_hash(one) ^ perceptual_hash(other)).sum())


def compressed(pixels, quality):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream))


COPIES = {
    "itself": lambda pixels: pixels,
    "compressed hard": lambda pixels: compressed(pixels, 20),
    "half the size": lambda pixels: cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "another size": lambda pixels: cv2.resize(pixels, (400, 500), interpolation=cv2.INTER_LINEAR),
    "darker": lambda pixels: (pixels * 0.7).astype(np.uint8),
    "of less contrast": lambda pixels: (pixels // 2 + 100).astype(np.uint8),
}


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("seed", range(4))
def test_a_copy_is_within_the_default_distance(name, seed):
    assert distance(page(seed), COPIES[name](page(seed))) <= 6


def test_different_pages_and_one_upside_down_are_far_apart_and_empty_ones_alike():
    far = [distance(page(one), page(other)) for one in range(8) for other in range(one)]
    assert min(*far, distance(page(0), page(0)[::-1, ::-1])) > 40
    assert distance(np.full((40, 30, 3), 255, np.uint8), np.full((50, 50, 3), 20, np.uint8)) == 0


def test_a_hash_has_255_bits_of_which_half_are_set():
    bits = np.unpackbits(perceptual_hash(page(0)))
    assert bits.size == BITS + 1
    assert bits[-1] == 0
    assert bits.sum() == BITS // 2


def test_a_file_is_hashed_as_displayed(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned counter-clockwise
    Image.fromarray(page(0)).save(tmp_path / "upright.png")
    Image.fromarray(np.ascontiguousarray(np.rot90(page(0)))).save(tmp_path / "on_its_side.png", exif=exif)
    assert (hash_image(tmp_path / "upright.png") == hash_image(tmp_path / "on_its_side.png")).all()
    (tmp_path / "broken.png").write_bytes(b"no")
    with pytest.raises(ImageReadError, match=r"broken\.png"):
        hash_image(tmp_path / "broken.png")


def test_near_pairs_are_those_with_few_differing_bits():
    hashes = np.zeros((4, 32), np.uint8)
    hashes[1, 0] = 0b111  # 3 bits from the first
    hashes[2] = 255
    hashes[3, 31] = 0b1  # 1 bit from the first, 4 from the second
    assert near_pairs(hashes, 3) == [(0, 1), (0, 3)]
    assert near_pairs(hashes, 4) == [(0, 1), (0, 3), (1, 3)]
    assert near_pairs(hashes, 0) == []
    many = np.random.default_rng(0).integers(0, 256, (300, 32), dtype=np.uint8)  # in blocks of 128
    many[299] = many[140]
    assert near_pairs(many, 10) == [(140, 299)]


@pytest.mark.parametrize("wrong", [-1, 256])
def test_an_impossible_distance_is_refused(wrong):
    with pytest.raises(ValueError, match=rf"expected a hash distance in 0\.\.255 bits, got {wrong}"):
        near_pairs(np.zeros((2, 32), np.uint8), wrong)
