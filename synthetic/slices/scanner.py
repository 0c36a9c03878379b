"""What a CT scanner makes of attenuation: blur, beam hardening, rings, streaks, noise and exposure."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.slices.cells import Map

_NOISE_GRAIN = 0.6  # standard deviation of the blur of noise, in pixels: reconstruction filters leave a grain


def scan(density: Map, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """A reconstructed slice.

    Args:
        density: (S, S) attenuation; air is 0, copper about 1.
        rng: settings and noise of the scan.

    Returns:
        (S, S) uint8 grey levels.
    """
    size = density.shape[0]
    scale = size / 512
    blurred = cv2.GaussianBlur(density, (0, 0), max(rng.uniform(0.6, 1.1) * scale, 0.3))
    image = np.asarray(blurred, dtype=np.float32)
    radius = _radius(size, rng)
    image *= _beam_hardening(radius, size, rng)
    image += _rings(radius, size, rng)
    image += _streaks(density, rng)
    image += _noise(size, rng.uniform(0.02, 0.05), rng)
    gain, offset = rng.uniform(150, 205), rng.uniform(12, 34)
    return np.asarray(np.clip(image * np.float32(gain) + np.float32(offset), 0, 255), dtype=np.uint8)


def _radius(size: int, rng: np.random.Generator) -> Map:
    """Distance from the axis of rotation, in pixels."""
    axis = size / 2 + rng.uniform(-0.01, 0.01, 2) * size
    steps = np.arange(size, dtype=np.float32)
    x, y = steps - np.float32(axis[0]), steps[:, None] - np.float32(axis[1])
    return np.asarray(np.sqrt(x * x + y * y), dtype=np.float32)


def _beam_hardening(radius: Map, size: int, rng: np.random.Generator) -> Map:
    """Factors that darken the middle, where rays have lost their soft part (cupping)."""
    depth = np.float32(rng.uniform(0.04, 0.16))
    return np.asarray(1 - depth * np.maximum(1 - (radius / np.float32(0.45 * size)) ** 2, 0), dtype=np.float32)


def _rings(radius: Map, size: int, rng: np.random.Generator) -> Map:
    """Concentric rings from detector pixels that differ in gain."""
    profile = rng.normal(0, 0.009, size).astype(np.float32)
    strong = rng.integers(0, size // 2, int(rng.integers(1, 5)))
    profile[strong] += rng.normal(0, 0.07, len(strong)).astype(np.float32)
    return np.asarray(profile[np.minimum(radius, size - 1).astype(np.int32)], dtype=np.float32)


def _streaks(density: Map, rng: np.random.Generator) -> Map:
    """Faint straight streaks along rays through much metal."""
    size = density.shape[0]
    streaks: Map = np.zeros((size, size), np.float32)
    small = cv2.resize(density, (64, 64), interpolation=cv2.INTER_AREA)
    for angle in rng.uniform(0, 180, 3):
        turn = cv2.getRotationMatrix2D((31.5, 31.5), float(angle), 1.0)
        shadow = cv2.warpAffine(small, turn, (64, 64)).mean(axis=0)
        uneven = shadow - cv2.GaussianBlur(shadow.reshape(1, -1), (0, 0), 3)[0]
        strength = np.float32(rng.uniform(-1, 1) * 0.5)
        band = np.tile(strength * uneven.astype(np.float32), (64, 1))
        back = cv2.warpAffine(band, turn, (64, 64), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        streaks += cv2.resize(back, (size, size), interpolation=cv2.INTER_LINEAR)
    return streaks


def _noise(size: int, strength: float, rng: np.random.Generator) -> Map:
    """Grainy noise of a standard deviation."""
    white = rng.standard_normal((size, size), dtype=np.float32)
    # A Gaussian blur of standard deviation s leaves 1 / (2 s sqrt(pi)) of white noise's.
    grain = cv2.GaussianBlur(white, (0, 0), _NOISE_GRAIN)
    return np.asarray(grain * np.float32(strength * 2 * _NOISE_GRAIN * math.sqrt(math.pi)), dtype=np.float32)
