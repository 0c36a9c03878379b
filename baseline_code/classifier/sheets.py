"""Images of a classifier's data and test: sheets of images, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torchmetrics.classification import MulticlassConfusionMatrix

from baseline_code.classifier.predictions import LabelledPredictions
from baseline_code.images.reading import Pixels
from baseline_code.images.scaling import resize

INK, PAPER, RED = (40, 40, 40), (255, 255, 255), (180, 30, 30)
MOST_NUMBERED = 100
"""Up to so many classes the cells have numbers; with more the matrix grows no further, and has colours only."""
_FONT = cv2.FONT_HERSHEY_SIMPLEX


class Tile(NamedTuple):
    """An image of a sheet and what is written below it."""

    image: Pixels  # (H, W, 3) uint8 RGB
    caption: str
    remark: str = ""


def draw_confusion(tested: LabelledPredictions, classes: Sequence[str]) -> Pixels:
    """The confusion matrix as torchmetrics draws it: rows are labels, columns predictions, cells numbers of images.

    Args:
        tested: labels and predictions.
        classes: C names; of more than `MOST_NUMBERED` the cells have colours only.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    metric = MulticlassConfusionMatrix(len(classes))
    metric.update(torch.from_numpy(tested.predicted), torch.from_numpy(tested.labels))
    side = 3 + 0.6 * min(len(classes), MOST_NUMBERED)  # inches of 100 px
    figure = Figure(figsize=(side, side), layout="constrained")
    metric.plot(
        ax=figure.subplots(),
        add_text=len(classes) <= MOST_NUMBERED,
        labels=[_shortened(name) for name in classes],
        cmap="Blues",
    )
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.array(canvas.buffer_rgba(), dtype=np.uint8)[:, :, :3]  # type: ignore[no-untyped-call]


def draw_sheet(tiles: Sequence[Tile], *, empty: str, side: int = 128, columns: int = 8) -> Pixels:
    """A sheet of images, each above its caption and remark.

    Args:
        tiles: in the order of the sheet.
        empty: what the sheet says where there are none.
        side: of each image on the sheet, px; it is scaled to fit.
        columns: tiles per row.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    if not tiles:
        image = np.full((side, 4 * side, 3), PAPER, dtype=np.uint8)
        _write(image, empty, (8, side // 2), 0.5)
        return image
    columns = min(columns, len(tiles))
    height, width = side + 40, side + 8
    rows = -(-len(tiles) // columns)
    image = np.full((rows * height, columns * width, 3), PAPER, dtype=np.uint8)
    for position, tile in enumerate(tiles):
        top, left = position // columns * height, position % columns * width
        image[top + 4 : top + 4 + side, left + 4 : left + 4 + side] = _fitted(tile.image, side)
        _write(image, _shortened(tile.caption, side // 8), (left + 4, top + side + 18), 0.38)
        _write(image, _shortened(tile.remark, side // 6 + 1), (left + 4, top + side + 34), 0.38, RED)
    return image


def _fitted(image: Pixels, side: int) -> Pixels:
    """(side, side, 3): the image scaled to fit, in the middle of grey."""
    scaled = resize(image, side / max(image.shape[:2]))
    height, width = scaled.shape[:2]
    canvas = np.full((side, side, 3), 200, dtype=np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    canvas[top : top + height, left : left + width] = scaled
    return canvas


def _shortened(text: str, longest: int = 16) -> str:
    """What OpenCV's font can draw of a text: ASCII, at most `longest` characters."""
    drawable = text.encode("ascii", "replace").decode()
    return drawable if len(drawable) <= longest else drawable[: longest - 1] + "~"


def _write(image: Pixels, text: str, origin: tuple[int, int], scale: float, colour: tuple[int, int, int] = INK) -> None:
    cv2.putText(image, text, origin, _FONT, scale, colour, 1, cv2.LINE_AA)
