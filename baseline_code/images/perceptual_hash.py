"""Perceptual hashes: bits that near-duplicate images have in common."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from baseline_code.images.reading import OpenImage, Pixels, open_image

BITS = 255  # of the 16 x 16 lowest frequencies all but the mean
Hashes = npt.NDArray[np.uint8]
"""(N, 32), packed bits of N images."""

_FREQUENCIES = 16
_SIDE = 64  # px of the square that an image is reduced to
_DECODED_SIDE = 256  # px, the least short side to decode
_ROWS = 128  # images compared with all others at a time


def hash_image(path: Path) -> Hashes:
    """(32,) hash of an image file, of its pixels as displayed.

    Raises:
        baseline_code.images.reading.ImageReadError: if it cannot be read.
    """
    with open_image(path) as file:
        return hash_opened(file)


def hash_opened(file: OpenImage) -> Hashes:
    """(32,) hash of an opened image, which is decoded whole: what is cut off or damaged does not pass.

    Raises:
        baseline_code.images.reading.ImageReadError: if it cannot be decoded.
    """
    return perceptual_hash(file.decode(scale=min(1.0, _DECODED_SIDE / min(file.width, file.height))).pixels)


def perceptual_hash(pixels: Pixels) -> Hashes:
    """The signs of an image's low frequencies, its mean brightness left out.

    Size, compression, brightness and contrast change few bits or none; what is cut off or rotated changes many.

    Args:
        pixels: (H, W, 3) uint8 RGB.

    Returns:
        (32,) uint8: 255 bits, one each for the coefficients above their median, and a 0. All 0 where nothing is shown.

    Source:
        pHash (Zauner, 2010), with 255 bits in place of 64. On 476 receipts 64 bits tell different receipts of one form
        not apart (distance 0). With 255 bits the closest two have a distance of 8, all others but one pair of 14 at
        least; scaling, hard compression and other light change a median of 2 to 4 bits, at most 12.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    reduced = cv2.resize(gray, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(reduced)[:_FREQUENCIES, :_FREQUENCIES].ravel()[1:]
    return np.packbits(low > np.median(low))


def near_pairs(hashes: Hashes, distance: int) -> list[tuple[int, int]]:
    """Pairs (i, j), i < j, of images whose hashes differ in at most so many bits.

    Raises:
        ValueError: if `distance` is outside 0..255.
    """
    if not 0 <= distance <= BITS:
        raise ValueError(f"expected a hash distance in 0..{BITS} bits, got {distance}")
    words = hashes.view(np.uint64)
    found = []
    for start in range(0, len(words), _ROWS):
        rows = words[start : start + _ROWS]
        differing = sum(np.bitwise_count(rows[:, None, w] ^ words[None, :, w]).astype(np.uint16) for w in range(4))
        found += [(start + i, j) for i, j in np.argwhere(np.less_equal(differing, distance)).tolist() if start + i < j]
    return found
