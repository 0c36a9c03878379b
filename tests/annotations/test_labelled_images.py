"""Images with their labels."""

from pathlib import Path

from ocr.annotations.labelled_images import LabelledImages
from ocr.annotations.words import ImageAnnotation


def test_images_of_one_folder_lie_there_in_order():
    images = LabelledImages.in_folder(map(ImageAnnotation, ["b.png", "a.png"]), Path("images"))
    assert images.paths == [Path("images/b.png"), Path("images/a.png")]
    assert LabelledImages.in_folder([], Path("images")) == ([], [])
