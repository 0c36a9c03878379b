"""Maps of three words, for calibrations that take no time."""

import numpy as np

from ocr.annotations.records import ImageRecord
from ocr.probability_maps import ImageMap
from tests.oracles.polygons import box, tilted_box

WORDS = (box(8, 8, 60, 24), tilted_box(90, 60, 60, 16, 12), box(10, 80, 50, 94))
SHRUNK = (box(13, 13, 55, 19), tilted_box(90, 60, 50, 6, 12), box(15, 85, 45, 89))
STRENGTHS = (0.95, 0.7, 0.45)


def labelled_map(filename, *, seed=0, kind=np.float32):
    """Three words, the first found well and the last hardly; the image is twice as large as its map."""
    rows, columns = np.mgrid[:112, :128] + 0.5
    probability = np.random.default_rng(seed).uniform(0.0, 0.2, (112, 128))
    for polygon, strength in zip(SHRUNK, STRENGTHS, strict=True):
        following = np.roll(polygon, -1, axis=0)
        sides = [
            (b[0] - a[0]) * (rows - a[1]) - (b[1] - a[1]) * (columns - a[0])
            for a, b in zip(polygon, following, strict=True)
        ]
        probability[(np.array(sides) > 0).all(axis=0)] = strength
    scale = {np.float32: 1, np.uint8: 255, np.uint16: 65535}[kind]
    record = ImageRecord(
        filename, 256, 224, np.diag([2.0, 2.0, 1.0]), tuple(2 * word for word in WORDS), (False, False, False)
    )
    return ImageMap(record, (probability * scale).astype(kind))
