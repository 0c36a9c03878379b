"""The look of things: paper, table, light and the camera's faults, on images of the final size."""

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]  # (H, W)
Image = npt.NDArray[np.float32]  # (H, W, 3), 0 .. 1, RGB


def clouds(rng: np.random.Generator, height: int, width: int, cells: tuple[int, int]) -> Plane:
    """Smooth noise (height, width) of zero mean and about unit deviation, with `cells` (rows, columns) of variation."""
    coarse = rng.standard_normal(cells).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def table(rng: np.random.Generator, height: int, width: int) -> Image:
    """A background (height, width, 3): wood, cloth or stone, of moderate contrast."""
    colours = (
        (0.42, 0.29, 0.19),
        (0.62, 0.48, 0.34),
        (0.25, 0.26, 0.29),
        (0.5, 0.52, 0.54),
        (0.2, 0.3, 0.34),
        (0.12, 0.11, 0.11),
    )
    base = np.array(colours[int(rng.integers(len(colours)))], np.float32) * np.float32(rng.uniform(0.85, 1.15))
    kind = int(rng.integers(3))
    if kind == 0:
        grain = clouds(rng, height, width, (4, 60)) * 0.6 + clouds(rng, height, width, (3, 14))
        pattern = 0.07 * (grain if rng.random() < 0.5 else clouds(rng, height, width, (50, 4)))
    elif kind == 1:
        pattern = 0.03 * clouds(rng, height, width, (60, 60)) + 0.05 * clouds(rng, height, width, (4, 4))
    else:
        pattern = 0.08 * clouds(rng, height, width, (9, 9)) + 0.05 * clouds(rng, height, width, (24, 24))
    light = 1 + 0.12 * clouds(rng, height, width, (2, 2))
    return np.asarray(np.clip(base * ((1 + pattern) * light)[..., None], 0.02, 1), np.float32)


def sheet(rng: np.random.Generator, height: int, width: int) -> Image:
    """Blank paper (height, width, 3): a tint, soft stains and a little grain."""
    tints = ((0.97, 0.97, 0.96), (0.96, 0.95, 0.91), (0.93, 0.94, 0.97), (0.95, 0.92, 0.86), (0.91, 0.91, 0.9))
    tint = np.array(tints[int(rng.integers(len(tints)))], np.float32) * np.float32(rng.uniform(0.9, 1.0))
    texture = (
        1 + 0.010 * clouds(rng, height, width, (6, 4)) + 0.004 * clouds(rng, height, width, (height // 5, width // 5))
    )
    return (tint * texture[..., None]).astype(np.float32)


def fading(rng: np.random.Generator, height: int, width: int) -> Plane:
    """How much ink a thermal printer left, (height, width), in [0.45, 1]: weak zones and weak columns of the head."""
    strength = rng.uniform(0.82, 1.0) + rng.uniform(0.02, 0.1) * clouds(rng, height, width, (5, 3))
    if rng.random() < 0.35:
        strength = strength * (1 - 0.25 * (clouds(rng, 1, width, (1, 40)) > 1.8))
    return np.asarray(np.clip(strength, 0.45, 1), np.float32)


def creases(rng: np.random.Generator, y: Plane) -> Plane:
    """Light on folds across the paper, (H, W) factors near 1; `y` (H, W) is the height on the paper, 0 .. 1."""
    shade = np.ones_like(y)
    for _ in range(int(rng.integers(0, 3))):
        distance = y - np.float32(rng.uniform(0.15, 0.85))
        sign = np.float32(rng.choice((-1.0, 1.0)))
        shade += sign * 0.05 * np.sign(distance) * np.exp(-np.abs(distance) / 0.02)
        shade -= 0.06 * np.exp(-((distance / 0.0018) ** 2))
    return shade


def lighting(rng: np.random.Generator, height: int, width: int) -> Plane:
    """Light over the whole image, (height, width) factors: a slope, and sometimes the soft shadow of a hand."""
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    angle = rng.uniform(0, 2 * np.pi)
    along = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y
    light = 1 - np.float32(rng.uniform(0.0, 0.22)) * (along + 0.5)
    if rng.random() < 0.4:
        edge = np.float32(rng.uniform(0.1, 0.35))
        softness = np.float32(rng.uniform(0.015, 0.08))
        depth = np.float32(rng.uniform(0.12, 0.32))
        light = light * (1 - depth / (1 + np.exp(-(along - edge) / softness)))
    return np.asarray(light, np.float32)


def drop_shadow(rng: np.random.Generator, mask: Plane) -> Plane:
    """The paper's own shadow on the table: (H, W) factors in (0, 1], from the paper's `mask` (H, W)."""
    shift = np.float32(rng.uniform(3, 10)) * np.where(rng.random(2) < 0.5, -1, 1)
    matrix = np.array([[1, 0, shift[0]], [0, 1, abs(shift[1])]], np.float64)
    moved = cv2.warpAffine(mask, matrix, (mask.shape[1], mask.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(moved, (0, 0), float(rng.uniform(4, 9)))
    return np.asarray(1 - float(rng.uniform(0.3, 0.6)) * soft, np.float32)


def photograph(
    rng: np.random.Generator, image: Image, *, blur: tuple[float, float], noise: tuple[float, float]
) -> npt.NDArray[np.uint8]:
    """The camera: blur and sensor noise, then 8 bits.

    Args:
        rng: source of all choices.
        image: (H, W, 3), 0 .. 1.
        blur: range of the Gaussian's deviation, px.
        noise: range of the noise's deviation, of 255.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    height, width = image.shape[:2]
    blurred = cv2.GaussianBlur(image, (0, 0), max(0.05, float(rng.uniform(*blur))))
    grain = rng.standard_normal((height, width, 1), dtype=np.float32) * np.float32(rng.uniform(*noise))
    return np.clip(np.rint(blurred * 255 + grain), 0, 255).astype(np.uint8)
