"""The one image loader: a file becomes 8-bit RGB pixels as displayed."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from baseline_code.files.names import find_file
from baseline_code.images.decoding import Pixels, choose_reduction, decode, has_16_bit_samples
from baseline_code.images.formats import NAMES, SNIFFED_BYTES, image_format, readable_formats, unreadable_reason
from baseline_code.images.pages import count_pages
from baseline_code.images.reading_warnings import warn_of_dark_samples, warn_of_pages

__all__ = [
    "DecodedImage",
    "ImageFormatError",
    "ImageReadError",
    "ImageTooLargeError",
    "OpenImage",
    "Pixels",
    "decode_image",
    "open_image",
    "read_image",
    "read_image_size",
    "why_unreadable",
]

MAX_MEGAPIXELS = 178.0  # twice Pillow's default warning level: above it Pillow refuses the file too
MAX_PIXELS = int(MAX_MEGAPIXELS * 1e6)
"""Of an image, and of its masks and maps."""
TRANSPOSED = (5, 6, 7, 8)
"""EXIF orientations that exchange width and height."""
_ORIENTATION_TAG = 0x0112
_UPSIDE_DOWN = (3, 4, 7, 8)  # those that then exchange top and bottom,
_MIRRORED = (2, 3, 6, 7)  # those that then exchange left and right


class ImageReadError(ValueError):
    """A file that cannot be read as an image; the message names it, what was expected and what came."""


class ImageFormatError(ImageReadError):
    """A file that begins like no image, or like one of a format that is not read here."""


class ImageTooLargeError(ImageReadError):
    """An image of more pixels than are allowed; none of them was decoded."""


class DecodedImage(NamedTuple):
    """An image as displayed, at full or reduced resolution, and the way from its frame to the full one's."""

    pixels: Pixels  # (H, W, 3) uint8 RGB, C-contiguous, writable, owned by the caller
    pixels_to_original: npt.NDArray[np.float64]  # (3, 3), continuous coordinates: (0, 0) is the corner of an image


class OpenImage:
    """An image file whose header is parsed; no pixel is decoded yet.

    Attributes:
        width: px, as displayed: after the EXIF orientation.
        height: px, as displayed.
        orientation: the EXIF orientation that `decode` applies, 1 to 8.
    """

    def __init__(self, path: Path | str, file: BinaryIO, header: ImageFile.ImageFile) -> None:
        self._path = path
        self._file = file
        self._header = header
        self.orientation = _orientation(header)
        width, height = header.size
        self.width, self.height = (height, width) if self.orientation in TRANSPOSED else (width, height)

    def count_pages(self) -> int:
        """The number of its pages or frames, to be called before `decode`; see `baseline_code.images.pages`."""
        return count_pages(self._file, str(self._header.format))

    def decode(self, *, scale: float = 1.0) -> DecodedImage:
        """Decodes the pixels, to be called once; a JPEG at 1/2, 1/4 or 1/8 of its resolution where that will do.

        Grey is repeated, transparency is laid over white (over black where white would hide what is shown), 16-bit
        samples keep their high byte, CMYK is converted without its colour profile. The first page or frame counts.
        Colour profiles are not applied. A JPEG that lacks only its end marker is whole. Once for each file a warning
        says that it holds further pages, or that its samples of 16 bits are nearly black: below 4096, as cameras of 12
        bits write them. They are not scaled by what they are, for all images of a data set must be read alike.

        Args:
            scale: fraction of the resolution that is needed, > 0: the pixels come with at least that.

        Returns:
            The image as displayed. Where the sides are no multiples of the reduction, its pixels cover a little more
            than the original on one side.

        Raises:
            ImageReadError: if the file is truncated or damaged.
        """
        reduction = choose_reduction(self._header, scale)
        kind, is_16_bit = str(self._header.format), has_16_bit_samples(self._header)
        try:
            stored = decode(self._file, self._header, reduction)
        except Exception as error:  # decoders raise anything for broken bytes, from struct.error to RuntimeError
            raise ImageReadError(
                f"{self._path}: expected a whole {self._header.format} image, got one cut short or damaged ({error}); "
                "copy it again"
            ) from error
        if is_16_bit:
            warn_of_dark_samples(self._path, int(stored.max()) * 256 + 255)
        warn_of_pages(self._path, count_pages(self._file, kind))
        pixels = _orient(stored, self.orientation)
        # What reaches beyond the stored right and lower edge is before the displayed left and upper one if so rotated.
        left = pixels.shape[1] * reduction - self.width if self.orientation in _MIRRORED else 0
        top = pixels.shape[0] * reduction - self.height if self.orientation in _UPSIDE_DOWN else 0
        return DecodedImage(pixels, np.array([[reduction, 0.0, -left], [0.0, reduction, -top], [0.0, 0.0, 1.0]]))


@contextmanager
def open_image(path: str | os.PathLike[str]) -> Iterator[OpenImage]:
    """Open an image file and parse its header: its size is known before, and without, decoding.

    Args:
        path: an image file of `baseline_code.images.formats`; its name's ending does not matter, nor the Unicode form.

    Raises:
        ImageReadError: if the file is missing, empty, too large or no such image. A truncated body goes unnoticed.
    """
    path = find_file(Path(path))
    with _open_file(path) as file:
        yield OpenImage(path, file, _open_header(file, path, MAX_MEGAPIXELS))


def read_image(path: str | os.PathLike[str]) -> Pixels:
    """Read an image file as displayed, whole: EXIF orientation applied once, 8-bit RGB whatever is stored.

    Returns:
        (H, W, 3) uint8 RGB as by `OpenImage.decode`, C-contiguous, writable, owned by the caller.

    Raises:
        ImageReadError: if the file is missing, empty, truncated, too large or no such image.
    """
    with open_image(path) as image:
        return image.decode().pixels


def why_unreadable(path: str | os.PathLike[str]) -> str | None:
    """What `read_image` would say of a file, which is decoded for that; None where it reads it."""
    try:
        read_image(path)
    except ImageReadError as error:
        return str(error)
    return None


def read_image_size(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Read the size of an image as displayed, from the file's header only.

    Returns:
        (width, height) in pixels, after the EXIF orientation: the size of what `read_image` gives.

    Raises:
        ImageReadError: as by `open_image`.
    """
    with open_image(path) as image:
        return image.width, image.height


def decode_image(data: bytes, name: str, *, max_megapixels: float = MAX_MEGAPIXELS) -> Pixels:
    """Read an image from the bytes of its file, such as an archive's member, as `read_image` does.

    Args:
        data: the whole file.
        name: what error messages call it.
        max_megapixels: limit of width x height in 10^6 pixels, in (0, 178].

    Raises:
        ImageReadError: if the bytes are none, truncated, too large or no such image.
        ValueError: if `max_megapixels` is outside (0, 178].
    """
    if not data:
        raise ImageReadError(f"{name}: expected {NAMES}, got an empty file (0 bytes); copy it again")
    file = BytesIO(data)
    return OpenImage(name, file, _open_header(file, name, max_megapixels)).decode().pixels


def _open_file(path: Path) -> BinaryIO:
    """Open a regular, non-empty file (a pipe or a device would block for ever)."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageReadError(f"{path}: expected {NAMES} file, got a directory")
        if not stat.S_ISREG(status.st_mode):
            raise ImageReadError(f"{path}: expected {NAMES} file, got a pipe, socket or device")
        if status.st_size == 0:
            raise ImageReadError(f"{path}: expected {NAMES}, got an empty file (0 bytes); copy it again")
        return path.open("rb")
    except FileNotFoundError as error:
        raise ImageReadError(f"{path}: expected {NAMES}, got no such file; check the folder") from error
    except OSError as error:
        raise ImageReadError(f"{path}: expected a readable file, got {error.strerror or error}") from error


def _open_header(file: BinaryIO, path: Path | str, max_megapixels: float) -> ImageFile.ImageFile:
    """Parse the header (mode, size, EXIF) and refuse what is no image or too large, before any pixel is decoded."""
    if not 0 < max_megapixels <= MAX_MEGAPIXELS:
        raise ValueError(f"expected max_megapixels in (0, {MAX_MEGAPIXELS:g}], got {max_megapixels}")
    too_large = f"{path}: expected at most {max_megapixels:g} megapixels, got"
    try:
        with warnings.catch_warnings():  # large but allowed sizes and odd EXIF blocks are no news to the user
            warnings.simplefilter("ignore")
            image = Image.open(file, formats=readable_formats())
    except Image.DecompressionBombError as error:
        raise ImageTooLargeError(f"{too_large} more ({error}); scale it down") from error
    except Exception as error:  # decoders raise anything for broken bytes
        file.seek(0)
        start = file.read(SNIFFED_BYTES)
        kind = image_format(start)
        reason = unreadable_reason(kind)
        hint = f" ({reason})" if kind is not None and reason else ""
        raise (ImageFormatError if reason else ImageReadError)(
            f"{path}: expected {NAMES}, got a file that begins with {start[:12]!r}{hint}"
        ) from error
    width, height = image.size
    if width < 1 or height < 1:
        raise ImageReadError(f"{path}: expected {NAMES}, got one of {width} x {height} px; copy it again")
    if width * height > max_megapixels * 1e6:
        raise ImageTooLargeError(f"{too_large} {width} x {height} = {width * height / 1e6:.1f}; scale it down")
    return image


def _orientation(image: ImageFile.ImageFile) -> int:
    """EXIF orientation, 1 to 8, that remains to be applied; 1 where there is none or it makes no sense."""
    if image.format == "TIFF":
        return 1  # Pillow rotates TIFF itself, in `size` as in the pixels
    block = image.info.get("exif")
    if not block:
        return 1
    exif = Image.Exif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif.load(block)
            orientation = exif.get(_ORIENTATION_TAG, 1)
    except Exception:  # a damaged EXIF block does not spoil the image
        return 1
    return orientation if orientation in range(1, 9) else 1


def _orient(pixels: Pixels, orientation: int) -> Pixels:
    """Apply an EXIF orientation to (H, W, 3) pixels; (W, H, 3) for 5 to 8."""
    if orientation in TRANSPOSED:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in _UPSIDE_DOWN:
        pixels = pixels[::-1]
    if orientation in _MIRRORED:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
