"""Small labelled images for tests."""

from pathlib import Path

import cv2
import numpy as np

from baseline_code.files.duplicates import StoredContent


def colour(number):
    """(6, 8, 3) uint8 RGB in one colour, another for each number below 4096."""
    return np.full((6, 8, 3), [number % 16 * 16, number // 16 % 16 * 16, number // 256 * 16], np.uint8)


def encode(image, ending=".png"):
    """File bytes of an RGB image."""
    return cv2.imencode(ending, image[:, :, ::-1])[1].tobytes()


def write_images(root, names):
    """Writes an image of its own colour under each name."""
    for number, name in enumerate(names):
        path = Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(colour(number), Path(name).suffix))


class Images:
    """Labelled images in memory, in the shape of the protocol."""

    def __init__(self, labels, classes=("no", "yes"), prefix="image"):
        self.labels = np.asarray(labels, np.int64)
        self.classes = classes
        self.names = tuple(f"{prefix}{number}" for number in range(len(labels)))

    def __len__(self):
        return len(self.labels)

    def read(self, index):
        return colour(index)

    def content(self, index):
        """Of its own for each name."""
        return StoredContent(self.names[index], self.names[index].encode)


def with_compression(archive, method):
    """A zip archive, or an .npz, that says of each member that it is compressed by another method."""
    changed = bytearray(archive)
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = archive.find(mark)
        while place >= 0:
            changed[place + offset : place + offset + 2] = method.to_bytes(2, "little")
            place = archive.find(mark, place + 4)
    return bytes(changed)
