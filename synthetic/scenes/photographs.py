"""Photographs without words to draw on: those that installed packages bring, or a folder of the user's own."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from baseline_code.images.listing import find_images
from baseline_code.images.reading import read_image
from synthetic.receipts.paper import Image

# Left out: drawings, scans of text, and photographs on which words can be read.
PACKAGED = {
    "skimage": (
        *(f"data/{name}.png" for name in ("brick", "camera", "cell", "chelsea", "clock_motion", "coffee", "coins")),
        *(f"data/{name}.png" for name in ("color", "grass", "gravel", "horse", "ihc", "moon")),
        *(f"data/{name}.jpg" for name in ("hubble_deep_field", "retina", "rocket")),
    ),
    "sklearn": ("datasets/images/china.jpg", "datasets/images/flower.jpg"),
}
CLOSEST = 0.45  # the smallest piece of a photograph, as part of the largest that fits


class Photographs:
    """Image files to cut backgrounds from.

    Args:
        paths: the files, at least one.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)

    def crop(self, rng: np.random.Generator, width: int, height: int) -> Image:
        """A random piece of a random photograph, mirrored or not, at this size in px: (height, width, 3), 0 .. 1.

        Raises:
            ImageReadError: if the file is no image that can be read.
        """
        photograph = read_image(self.paths[int(rng.integers(len(self.paths)))])
        rows, columns = photograph.shape[:2]
        scale = min(columns / width, rows / height) * float(np.exp(rng.uniform(np.log(CLOSEST), 0)))
        piece_width, piece_height = max(1, int(width * scale)), max(1, int(height * scale))
        left, top = int(rng.integers(columns - piece_width + 1)), int(rng.integers(rows - piece_height + 1))
        piece = photograph[top : top + piece_height, left : left + piece_width]
        if rng.random() < 0.5:
            piece = np.ascontiguousarray(piece[:, ::-1])
        way = cv2.INTER_CUBIC if scale < 1 else cv2.INTER_AREA
        return np.asarray(cv2.resize(piece, (width, height), interpolation=way), np.float32) / np.float32(255)


def find_photographs(folder: Path | None = None) -> Photographs:
    """The photographs in and below `folder`, or, where it is None, those of the packages that are installed.

    Raises:
        FileNotFoundError: if there is none.
    """
    if folder is not None:
        paths = find_images(folder)
        if not paths:
            raise FileNotFoundError(f"expected images without words in backgrounds={folder}, got none")
        return Photographs(paths)
    paths = [path for package, names in PACKAGED.items() for path in _files(package, names)]
    if not paths:
        raise FileNotFoundError(
            "expected photographs of scikit-image or scikit-learn, got neither package: "
            "pip install -e .[photographs], or give a folder of your own by backgrounds="
        )
    return Photographs(paths)


def _files(package: str, names: Sequence[str]) -> list[Path]:
    """Those of a package's files that are there; nothing of the package is imported."""
    found = importlib.util.find_spec(package)
    folders = (found.submodule_search_locations or ()) if found else ()
    paths = [Path(folder) / name for folder in folders for name in names]
    return [path for path in paths if path.is_file()]
