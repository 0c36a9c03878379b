"""Labels beside their images: both must be of the same size, and points inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from baseline_code.files.names import find_file
from baseline_code.images.reading import ImageReadError, read_image_size
from ocr.annotations.coordinate_units import check_units
from ocr.annotations.faults import AnnotationError, Fault, Place, list_faults
from ocr.annotations.fields import outside_fault
from ocr.annotations.layout import images_of
from ocr.annotations.words import ImageAnnotation, Size
from ocr.geometry.polygons import Polygon


def check_sizes(annotations: Sequence[ImageAnnotation], paths: Sequence[Path]) -> list[Size]:
    """Read the size of every image as displayed from its header, and hold the labels against it.

    An image that cannot be read is left to whoever decodes it: its size is the one that the labels state.

    Args:
        annotations: labels.
        paths: the image file of each.

    Returns:
        (width, height) of each image, px.

    Raises:
        AnnotationError: naming the images whose `img_w` or `img_h` differ from the image, and the words with points
            outside it (the first 50, and how many there are in all); or saying that the points are no pixels.
        ImageReadError: if an image cannot be read whose size the labels do not state.
    """
    with ThreadPoolExecutor(8) as pool:
        sizes = list(pool.map(_displayed_size, annotations, paths))
    folder = paths[0].parent if paths else Path()
    faults = find_wrong_sizes(annotations, sizes)
    if faults:
        head = f"{folder}: expected labels of the images as displayed, got those of another size for"
        raise AnnotationError(list_faults(head, faults, "images"))
    check_units(annotations, sizes, folder)
    outside = find_outside(annotations, sizes)
    if outside:
        head = f"{folder}: expected points inside the images, got"
        raise AnnotationError(list_faults(head, outside, "words outside"))
    return sizes


def known_sizes(annotations: Mapping[str, ImageAnnotation], path: Path) -> dict[str, Size]:
    """(width, height) of the images, px: as labels state it, or else by the images' headers.

    Args:
        annotations: by file name, of a split whose images need not be there.
        path: the annotation JSON; images are looked for where the layout has them, `../images/<split>`.

    Returns:
        By file name, without those whose size is not known.
    """
    folder = images_of(path)
    sizes = {}
    for name, annotation in annotations.items():
        if annotation.size is not None:
            sizes[name] = annotation.size
        elif (file := find_file(folder / name)).is_file():
            with suppress(ImageReadError):
                sizes[name] = read_image_size(file)
    return sizes


def find_wrong_sizes(annotations: Sequence[ImageAnnotation], sizes: Sequence[Size]) -> list[Fault]:
    """Images whose labels state another size.

    Args:
        annotations: labels.
        sizes: (width, height) of each image as displayed, px.
    """
    faults = []
    for annotation, size in zip(annotations, sizes, strict=True):
        stated = annotation.width or size[0], annotation.height or size[1]
        if stated != size:
            faults.append(Fault(Place(annotation.filename), _describe_wrong_size(stated, size)))
    return faults


def find_outside(annotations: Sequence[ImageAnnotation], sizes: Sequence[Size]) -> list[Fault]:
    """Words with points outside the image; if the labels state the size, reading has checked them already.

    Args:
        annotations: labels.
        sizes: (width, height) of each image as displayed, px.
    """
    return [
        Fault(Place(annotation.filename, word.id), fault, "outside")
        for annotation, size in zip(annotations, sizes, strict=True)
        if annotation.size is None
        for word in annotation.words
        if (fault := describe_outside(word.polygon, size))
    ]


def _displayed_size(annotation: ImageAnnotation, path: Path) -> Size:
    try:
        return read_image_size(path)
    except ImageReadError:
        if annotation.size is None:
            raise
        return annotation.size


def _describe_wrong_size(stated: Size, size: Size) -> str:
    fault = f"expected img_w and img_h of {size[0]} x {size[1]} px, got {stated[0]} x {stated[1]}"
    if stated == size[::-1]:
        return f"{fault}: labels of the image without its EXIF orientation? Rotate the points"
    if have_one_aspect(stated, size):
        return f"{fault}: labels of the image at {stated[0] / size[0]:.3g} times its size? Scale the points"
    return fault


def have_one_aspect(first: Size, second: Size) -> bool:
    """Whether one size is a multiple of the other, but for the rounding of a side to whole pixels."""
    return abs(first[0] * second[1] - first[1] * second[0]) <= max(*first, *second)


def describe_outside(polygon: Polygon, size: Size) -> str | None:
    """What is wrong with points that are outside an image by more than the tolerance; None where none is.

    Args:
        polygon: (K, 2) points, px.
        size: (width, height) of the image as displayed, px.
    """
    lows, highs = polygon.min(axis=0).tolist(), polygon.max(axis=0).tolist()
    faults = (outside_fault(name, lows[axis], highs[axis], size[axis]) for axis, name in enumerate("xy"))
    return next(filter(None, faults), None)
