"""Views of images whose true probability is known everywhere, and fusion written down plainly."""

import numpy as np

from ocr.geometry import scaling
from ocr.probability_maps import MapView


def centres(width, height):
    """(H, W) each: x and y of the pixels' centres."""
    return np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)


def render(function, matrix, width, height):
    """What a network would see of `function(x, y)` of the original at the pixels of a view; uint16."""
    x, y = centres(width, height)
    original_x = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
    original_y = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
    return np.rint(65535 * np.clip(function(original_x, original_y), 0, 1)).astype(np.uint16)


def view_of(function, matrix, width, height, **fields):
    return MapView(render(function, matrix, width, height), matrix, **fields)


def noise(seed, width, height):
    return np.random.default_rng(seed).integers(0, 65536, (height, width)).astype(np.uint16)


def plain_fusion(views, frame, width_original, height_original):
    """(H, W) float64 levels, each pixel on its own: bilinear between the view's pixels inside the image."""
    fused = np.zeros((frame.height, frame.width))
    to_original = scaling(width_original / frame.width, height_original / frame.height)
    for row in range(frame.height):
        for column in range(frame.width):
            total = fraction = 0.0
            for view in views:
                position = np.linalg.inv(view.input_to_original) @ to_original @ (column + 0.5, row + 0.5, 1)
                value, weight = _read(view, position[0], position[1], width_original, height_original)
                total, fraction = total + view.weight * weight * value, fraction + view.weight * weight
            fused[row, column] = total / fraction if fraction else 0.0
    return fused


def _read(view, u, v, width_original, height_original):
    height, width = view.probability.shape
    if not (-1e-6 <= u <= width + 1e-6 and -1e-6 <= v <= height + 1e-6):
        return 0.0, 0.0
    u, v = np.clip(u - 0.5, 0, width - 1), np.clip(v - 0.5, 0, height - 1)
    total = weight = fraction = 0.0
    for y in (int(v), int(v) + 1):
        for x in (int(u), int(u) + 1):
            tap = max(0.0, 1 - abs(u - x)) * max(0.0, 1 - abs(v - y))
            place = view.input_to_original @ (x + 0.5, y + 0.5, 1)
            inside = -1e-6 < place[0] < width_original + 1e-6 and -1e-6 < place[1] < height_original + 1e-6
            if tap > 0 and inside:
                counts = 1.0 if view.window is None else float(view.window[y, x])
                total, weight, fraction = (
                    total + tap * counts * view.probability[y, x],
                    weight + tap * counts,
                    fraction + tap,
                )
    return (total / weight, weight / fraction) if weight else (0.0, 0.0)
