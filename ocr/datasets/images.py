"""The one image loader: a file becomes 8-bit RGB pixels as displayed."""

from __future__ import annotations

import os
import stat
import warnings
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

Pixels = npt.NDArray[np.uint8]

MAX_MEGAPIXELS = 178.0  # twice Pillow's default warning level: above it Pillow refuses the file too
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
_FORMAT_NAMES = "a JPEG, PNG, WebP, TIFF or BMP image"
_ORIENTATION_TAG = 0x0112
_PHOTOMETRIC_TAG = 262
_TRANSPOSED_ORIENTATIONS = (5, 6, 7, 8)


class ImageReadError(ValueError):
    """A file that cannot be read as an image; the message names it, what was expected and what came."""


def read_image(path: str | os.PathLike[str], *, max_megapixels: float = MAX_MEGAPIXELS) -> Pixels:
    """Read an image file as displayed: EXIF orientation applied once, 8-bit RGB whatever is stored.

    Grey is repeated, transparency is laid over white, 16-bit samples keep their high byte, CMYK is converted without
    its colour profile. The first page or frame counts. Colour profiles are not applied.

    Args:
        path: a JPEG, PNG, WebP, TIFF or BMP file; its name's ending does not matter.
        max_megapixels: limit of width x height in 10^6 pixels, in (0, 178], checked in the header before decoding.

    Returns:
        (H, W, 3) uint8 RGB, C-contiguous, writable, owned by the caller.

    Raises:
        ImageReadError: if the file is missing, empty, truncated, too large or no such image.
        ValueError: if `max_megapixels` is outside (0, 178].
    """
    path = Path(path)
    with _open_file(path) as file:
        image = _open_header(file, path, max_megapixels)
        try:
            pixels = _decode(file, image)
        except Exception as error:  # decoders raise anything for broken bytes, from struct.error to RuntimeError
            message = (
                f"{path}: expected a whole {image.format} image, got one cut short or damaged ({error}); copy it again"
            )
            raise ImageReadError(message) from error
    return pixels


def read_image_size(path: str | os.PathLike[str], *, max_megapixels: float = MAX_MEGAPIXELS) -> tuple[int, int]:
    """Read the size of an image as displayed, from the file's header only.

    Args:
        path: as for `read_image`.
        max_megapixels: as for `read_image`.

    Returns:
        (width, height) in pixels, after the EXIF orientation: the size of what `read_image` gives.

    Raises:
        ImageReadError: if the file is missing, empty, too large or no image. A truncated body goes unnoticed.
        ValueError: if `max_megapixels` is outside (0, 178].
    """
    path = Path(path)
    with _open_file(path) as file:
        image = _open_header(file, path, max_megapixels)
        width, height = image.size
        return (height, width) if _orientation(image) in _TRANSPOSED_ORIENTATIONS else (width, height)


def _open_file(path: Path) -> BinaryIO:
    """Open a regular, non-empty file (a pipe or a device would block for ever)."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageReadError(f"{path}: expected {_FORMAT_NAMES} file, got a directory")
        if not stat.S_ISREG(status.st_mode):
            raise ImageReadError(f"{path}: expected {_FORMAT_NAMES} file, got a pipe, socket or device")
        if status.st_size == 0:
            raise ImageReadError(f"{path}: expected {_FORMAT_NAMES}, got an empty file (0 bytes); copy it again")
        return path.open("rb")
    except FileNotFoundError as error:
        raise ImageReadError(f"{path}: expected {_FORMAT_NAMES}, got no such file; check the folder") from error
    except OSError as error:
        raise ImageReadError(f"{path}: expected a readable file, got {error.strerror or error}") from error


def _open_header(file: BinaryIO, path: Path, max_megapixels: float) -> ImageFile.ImageFile:
    """Parse the header (mode, size, EXIF) and refuse what is no image or too large, before any pixel is decoded."""
    if not 0 < max_megapixels <= MAX_MEGAPIXELS:
        raise ValueError(f"expected max_megapixels in (0, {MAX_MEGAPIXELS:g}], got {max_megapixels}")
    too_large = f"{path}: expected at most {max_megapixels:g} megapixels, got"
    try:
        with warnings.catch_warnings():  # large but allowed sizes and odd EXIF blocks are no news to the user
            warnings.simplefilter("ignore")
            image = Image.open(file, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageReadError(f"{too_large} more ({error}); scale it down") from error
    except Exception as error:  # see read_image
        file.seek(0)
        start = file.read(12)
        raise ImageReadError(f"{path}: expected {_FORMAT_NAMES}, got a file that begins with {start!r}") from error
    width, height = image.size
    if width * height > max_megapixels * 1e6:
        raise ImageReadError(f"{too_large} {width} x {height} = {width * height / 1e6:.1f}; scale it down")
    return image


def _decode(file: BinaryIO, image: ImageFile.ImageFile) -> Pixels:
    """Decode the opened file: ordinary JPEG by OpenCV (about twice as fast), everything else by Pillow."""
    orientation = _orientation(image)
    if image.format in ("JPEG", "MPO") and image.mode in ("L", "RGB"):
        file.seek(0)
        data = file.read()
        if _has_jpeg_end(data):
            return _turn(_decode_jpeg(data), orientation)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image.load()  # strict: raises where bytes are missing
        return _turn(_to_rgb(image), orientation)


def _decode_jpeg(data: bytes) -> Pixels:
    """Decode a JPEG of one or three channels to RGB, its orientation left alone."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    if pixels is None:
        raise ValueError("OpenCV cannot decode it")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels), dtype=np.uint8)


def _has_jpeg_end(data: bytes) -> bool:
    """Whether an end-of-image marker follows the first scan.

    OpenCV fills what is missing from a truncated JPEG with grey and says nothing, so its end is looked for here. The
    search starts at the scan, for an EXIF thumbnail has an end marker of its own; inside the scan 0xFF is escaped.
    """
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xDA:  # start of scan
            return data.find(b"\xff\xd9", position) >= 0
        if marker == 0xFF:  # fill byte
            position += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without a length
            position += 2
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return False


def _orientation(image: ImageFile.ImageFile) -> int:
    """EXIF orientation, 1 to 8, that remains to be applied; 1 where there is none or it makes no sense."""
    if image.format == "TIFF":
        return 1  # Pillow turns TIFF itself, in `size` as in the pixels
    block = image.info.get("exif")
    if not block:
        return 1
    exif = Image.Exif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif.load(block)
            orientation = exif.get(_ORIENTATION_TAG, 1)
    except Exception:  # a damaged EXIF block does not spoil the picture
        return 1
    return orientation if orientation in range(1, 9) else 1


def _turn(pixels: Pixels, orientation: int) -> Pixels:
    """Apply an EXIF orientation to (H, W, 3) pixels; (W, H, 3) for 5 to 8."""
    if orientation in _TRANSPOSED_ORIENTATIONS:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):  # (after the transposition) upside down
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):  # (after the transposition) mirrored
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _to_rgb(image: Image.Image) -> Pixels:
    """Convert a loaded image of any 8 or 16 bit mode to (H, W, 3) uint8 RGB, transparency over white."""
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        return _grey16_to_rgb(image)
    if image.mode in ("I", "F"):
        raise ValueError(f"expected 8 or 16 bits per sample, got mode {image.mode} of 32 bits")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return _over_white(np.asarray(image.convert("RGBA")))
    return np.array(image.convert("RGB"))


def _grey16_to_rgb(image: Image.Image) -> Pixels:
    """High byte of each 16-bit grey sample (so v x 257 and v x 256 both come back as v), three times."""
    samples = np.array(image)
    grey = (samples >> 8).astype(np.uint8)
    if image.format == "TIFF" and getattr(image, "tag_v2", {}).get(_PHOTOMETRIC_TAG) == 0:
        grey = 255 - grey  # "white is zero"
    if "transparency" in image.info:
        grey[samples == image.info["transparency"]] = 255
    return np.repeat(grey[:, :, None], 3, axis=2)


def _over_white(rgba: Pixels) -> Pixels:
    """Composite (H, W, 4) over white, rounded to the nearest level."""
    alpha = rgba[:, :, 3:].astype(np.uint16)
    blended = rgba[:, :, :3] * alpha  # at most 255 x 255, and so is the sum below: no overflow of 16 bits
    blended += 255 * (255 - alpha) + 127
    return (blended // 255).astype(np.uint8)
