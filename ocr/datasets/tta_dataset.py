"""Images as samples of several views each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from torch.utils.data import Dataset

from baseline_code.images.reading import ImageReadError, open_image
from ocr.annotations.reading import ImageAnnotation
from ocr.annotations.records import ImageRecord, UnreadableImage
from ocr.datasets.view_batch import SampledView, ViewSample
from ocr.transforms.tta_views import TTAViews
from ocr.transforms.warping import warp_image


class TTADataset(Dataset[ViewSample | UnreadableImage]):
    """Decodes an image once, whole, and places it into each of its views.

    Args:
        folder: where the images lie: one for all, or one for each.
        annotations: what to read; polygons may be absent (prediction).
        views: chooses the views of each image.
        unreadable: `raise` the loader's error, or `report` the file as an `UnreadableImage`.
    """

    def __init__(
        self,
        folder: Path | Sequence[Path],
        annotations: Sequence[ImageAnnotation],
        views: TTAViews,
        *,
        unreadable: Literal["raise", "report"] = "raise",
    ) -> None:
        self.folders = [folder] * len(annotations) if isinstance(folder, Path) else folder
        self.annotations = annotations
        self.views = views
        self.unreadable = unreadable

    def __len__(self) -> int:
        """Number of images."""
        return len(self.annotations)

    def __getitem__(self, key: tuple[int, ...]) -> ViewSample | UnreadableImage:
        """The sample of (epoch, index, …); only the index matters.

        Raises:
            baseline_code.images.reading.ImageReadError: if the file cannot be read and `unreadable` is `raise`.
        """
        index = key[1]
        annotation = self.annotations[index]
        try:
            with open_image(self.folders[index] / annotation.filename) as file:
                width, height = file.width, file.height
                tta_views, frame_to_original = self.views(width, height)
                image, image_to_original = file.decode()
        except ImageReadError as error:
            if self.unreadable == "raise":
                raise
            return UnreadableImage(annotation.filename, str(error))
        record = ImageRecord(
            annotation.filename, width, height, frame_to_original, annotation.polygons, annotation.ignore
        )
        sampled = (
            SampledView(
                warp_image(image, tta_view.transform, image_to_original),
                np.linalg.inv(tta_view.transform.original_to_input).astype(np.float64),
                tta_view.weight,
                tta_view.fade,
            )
            for tta_view in tta_views
        )
        return ViewSample(record, tuple(sampled))
