"""Which files are images that can be read here: by the endings of their names and by their first bytes."""

from __future__ import annotations

import importlib
from functools import cache

from PIL import features

ENDINGS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".tif", ".tiff", ".bmp", ".gif"}
    | {".jp2", ".j2k", ".jpx", ".avif", ".heic", ".heif", ".ppm", ".pgm", ".pbm", ".pnm"}
)
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "AVIF", "PPM")
"""What Pillow may open without a plugin; the formats of documents, drawings and icons are none of them."""

NAMES = "a JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000, AVIF, HEIC or PPM image"
SNIFFED_BYTES = 32

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_STARTS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"%PDF-", "PDF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
)
_CANNOT = {
    "PDF": "a PDF is no image: save its pages as images",
    "JPEG XL": "JPEG XL cannot be read: save it in another format",
}


def image_format(start: bytes) -> str | None:
    """The format that a file's first bytes belong to; "PDF" and "JPEG XL", which cannot be read, among them.

    Args:
        start: the first 32 bytes, or all of a shorter file.
    """
    for prefix, name in _STARTS:
        if start.startswith(prefix):
            return name
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[:2] == b"BM" and start[6:10] == bytes(4) and len(start) >= 18:
        return "BMP"
    if len(start) > 3 and start[:1] == b"P" and start[1:2] in b"123456" and start[2:3].isspace():
        return "PPM" if start[3:4].isdigit() or start[3:4] == b"#" else None
    return _boxed_format(start)


def is_image_name(name: str) -> bool:
    """Whether a file's name ends like an image's and the file is not hidden."""
    last = name.rpartition("/")[2]
    stem, dot, ending = last.rpartition(".")
    return bool(stem) and not last.startswith(".") and (dot + ending).lower() in ENDINGS


def unreadable_reason(name: str | None) -> str | None:
    """Why files of a format cannot be read here, and what helps; None where they can be.

    Args:
        name: as `image_format` gives it; None: no image.
    """
    if name is None:
        return "no image"
    if name == "HEIF" and not can_read_heif():
        return "HEIC needs a decoder: pip install pillow-heif"
    if name == "AVIF" and not features.check("avif"):
        return "AVIF needs a decoder: pip install --upgrade pillow"
    return _CANNOT.get(name)


def readable_formats() -> tuple[str, ...]:
    """Names of the formats that Pillow may open, HEIF among them where its plugin is installed."""
    return (*FORMATS, "HEIF") if can_read_heif() else FORMATS


@cache
def can_read_heif() -> bool:
    """Whether the plugin for HEIC and HEIF is installed; registers it with Pillow."""
    try:
        plugin = importlib.import_module("pillow_heif")
    except ImportError:
        return False
    plugin.register_heif_opener()
    return True


def _boxed_format(start: bytes) -> str | None:
    """AVIF or HEIF, by the brands in the file-type box."""
    if start[4:8] != b"ftyp":
        return None
    brands = {start[8:12], *(start[place : place + 4] for place in range(16, len(start) - 3, 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    return "HEIF" if brands & _HEIF_BRANDS else None
