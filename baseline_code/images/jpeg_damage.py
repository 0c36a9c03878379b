"""Whether a JPEG holds its whole image: decoders fill what is missing with grey and say nothing."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

END = b"\xff\xd9"
ZERO_RUN = 1024
"""This many zero bytes in a row may be a blank page, or were never written; scanned receipts have up to 897."""

LEFT_OVER = 256
"""No image is full this many bytes before its data ends."""

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END_OF_IMAGE, _START_OF_SCAN, _RESTART_INTERVAL = 0xD9, 0xDA, 0xDD
_RESTARTS = range(0xD0, 0xD8)
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_FILLINGS = (bytes(64), bytes(range(1, 0xFF)), bytes(range(0xFE, 0, -1)))
"""What might follow if the file went on: bytes that decode to different images where an image is unfinished."""


class JpegError(ValueError):
    """A JPEG that does not hold its whole image."""


class _Scans(NamedTuple):
    """Where the image's data lies, and what the headers promise."""

    start: int  # of the first scan's data
    first_end: int  # of the first scan's data
    end: int  # of the last scan's data: where the end marker is, or should be
    has_end: bool
    missing: str | None  # what the headers promise and the scans lack, in words
    progressive: bool


def complete_jpeg(data: bytes) -> bytes:
    """The first image of a JPEG file, whole.

    A file that lacks only the end marker is whole, and gets one: nothing that could follow changes a pixel. What comes
    behind the first image is cut off.

    Args:
        data: the whole file.

    Raises:
        JpegError: if part of the image is missing: the file is cut short (also where an end marker was put behind the
            cut), scans or restart intervals are missing, or a block of zeros stands for a part that was never written.
            A JPEG has no check sum: damage that leaves as much image as before cannot be seen, nor what the later
            scans of a progressive image lack of its details.
    """
    scans = _find_scans(data)
    if scans is None:
        raise JpegError("it has no image data")
    if scans.missing is not None:
        raise JpegError(scans.missing)
    if not scans.has_end and _needs_more(data[: scans.end], reduced=False):
        raise JpegError("it ends in the middle of the image")
    if scans.progressive:
        if _needs_more(data[: scans.first_end], reduced=True) or _has_left_over(data, scans.start, scans.first_end):
            raise JpegError("part of its first scan is missing")
    elif data.find(bytes(ZERO_RUN), scans.start, scans.end) >= 0 and _has_left_over(data, scans.start, scans.end):
        raise JpegError("a block of zeros stands where part of the image should be")
    return data[: scans.end] + END


def check_lower_corner(data: bytes, pixels: npt.NDArray[np.uint8]) -> None:
    """Refuse an image whose end is missing though an end marker is there.

    Decoders fill the missing end with exact mid-grey, so only images with such a lower right corner are looked at.

    Args:
        data: from `complete_jpeg`, of one or three channels.
        pixels: (H, W) or (H, W, 3), decoded from it at any resolution, not rotated.

    Raises:
        JpegError: if the end of the image is missing.
    """
    if _ends_grey(pixels):
        check_end(data)


def check_end(data: bytes) -> None:
    """Refuse an image whose end is missing though an end marker is there, whatever it looks like.

    Args:
        data: from `complete_jpeg`, of any number of channels.

    Raises:
        JpegError: if the end of the image is missing.
    """
    if _needs_more(data.removesuffix(END), reduced=True):
        raise JpegError("its end is missing: from some place on it is grey")


def _ends_grey(pixels: npt.NDArray[np.uint8]) -> bool:
    """Whether the lower right corner has the grey that decoders fill in."""
    return bool((pixels[-1, -1] == 128).all())


def _needs_more(unfinished: bytes, *, reduced: bool) -> bool:
    """Whether bytes in place of the end marker change the image: then it had not come to its end."""
    images = [_decode(unfinished + filling + END, reduced=reduced) for filling in (b"", *_FILLINGS)]
    first = images[0]
    return first is None or any(other is None or not np.array_equal(first, other) for other in images[1:])


def _has_left_over(data: bytes, start: int, end: int) -> bool:
    """Whether a scan's last bytes do not matter: the image was full before them, so something inside is wrong."""
    if end - start <= LEFT_OVER:
        return False
    whole = _decode(data[:end] + END, reduced=True)
    shorter = _decode(data[: end - LEFT_OVER] + END, reduced=True)
    if whole is None or shorter is None or _ends_grey(whole):
        return False
    return np.array_equal(whole, shorter)


def _decode(data: bytes, *, reduced: bool) -> npt.NDArray[np.uint8] | None:
    """The image as Pillow decodes it, which unlike OpenCV does not print what it meets; None where it cannot."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(BytesIO(data), formats=("JPEG",))
            if reduced:
                image.draft(image.mode, (max(1, image.width // 8), max(1, image.height // 8)))
            return np.asarray(image)
    except Exception:  # decoders raise anything for broken bytes
        return None


def _find_scans(data: bytes) -> _Scans | None:
    """The scans of the first image; None where there is none."""
    frame: _Frame | None = None
    interval = 0
    starts: list[int] = []
    ends: list[int] = []
    has_end = False
    missing = None
    for marker, position, body, end in _segments(data):
        if marker in _START_OF_FRAME and frame is None:
            frame = _read_frame(marker, body)
        elif marker == _RESTART_INTERVAL:
            interval = int.from_bytes(body[:2], "big")
        elif marker == _START_OF_SCAN and frame is not None:
            starts.append(position + 4 + len(body))
            ends.append(end)
            missing = missing or frame.note_scan(body, interval, data[starts[-1] : end])
        elif marker == _END_OF_IMAGE and starts:
            has_end = True
            break
    if frame is None or not starts:
        return None
    if not has_end:
        ends[-1] = len(data.rstrip(b"\xff"))  # half an end marker
    return _Scans(starts[0], ends[0], ends[-1], has_end, missing or frame.unfinished(), frame.progressive)


def _segments(data: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    """Each marker with its position, its segment's body (empty where it has none) and where what belongs to it ends."""
    stored = np.frombuffer(data, dtype=np.uint8)
    following = stored[1:]
    # 0xFF 0x00 is a byte of the image, 0xFF 0xFF fills.
    positions = np.flatnonzero((stored[:-1] == 0xFF) & (following != 0) & (following != 0xFF))
    markers = following[positions]
    breaks = positions[(markers < _RESTARTS.start) | (markers >= _RESTARTS.stop)]
    place = 2
    while (index := int(np.searchsorted(positions, place))) < len(positions):
        position, marker = int(positions[index]), int(markers[index])
        if marker == 0x01 or marker in _RESTARTS or marker in (0xD8, _END_OF_IMAGE):
            place = position + 2
            yield marker, position, b"", place
            continue
        place = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        body = data[position + 4 : place]
        if marker == _START_OF_SCAN:
            after = int(np.searchsorted(breaks, place))
            place = int(breaks[after]) if after < len(breaks) else len(data)
        yield marker, position, body, place


class _Frame:
    """What the frame header promises, and what the scans have brought so far."""

    def __init__(self, *, progressive: bool, width: int, height: int, factors: dict[int, tuple[int, int]]) -> None:
        self.progressive = progressive
        self.width = width
        self.height = height
        self.factors = factors  # horizontal and vertical, by component
        self.seen: set[int] = set()
        self.bits_left: dict[int, dict[int, int]] = {component: {} for component in factors}  # by coefficient

    def note_scan(self, header: bytes, interval: int, data: bytes) -> str | None:
        """Notes what a scan brings; says what of its restart intervals is missing, if anything."""
        count = header[0] if header else 0
        components = [component for component in header[1 : 1 + 2 * count : 2] if component in self.factors]
        first, last, precision = (*header[1 + 2 * count :], 0, 63, 0)[:3]
        for component in components:
            self.seen.add(component)
            self.bits_left[component] |= dict.fromkeys(range(first, min(last, 63) + 1), precision & 0xF)
        if interval == 0 or not components:
            return None
        expected = -(-self._units(components) // interval) - 1
        restarts = len(re.findall(rb"\xff[\xd0-\xd7]", data))
        return None if restarts >= expected else f"{expected - restarts} of its {expected} restart markers are missing"

    def unfinished(self) -> str | None:
        """What no scan has brought, in words; the finest details of a progressive image may be left out."""
        absent = set(self.factors) - self.seen
        if absent:
            return f"{len(absent)} of its {len(self.factors)} colour components are missing"
        if self.progressive and any(len(bits) < 64 or any(bits.values()) for bits in self.bits_left.values()):
            return "its last scans are missing: details would be lost"
        return None

    def _units(self, components: list[int]) -> int:
        """Blocks, or groups of blocks, in a scan of these components."""
        most_across = max(across for across, _ in self.factors.values())
        most_down = max(down for _, down in self.factors.values())
        if len(components) > 1:
            return -(-self.width // (8 * most_across)) * -(-self.height // (8 * most_down))
        across, down = self.factors[components[0]]
        columns = -(-self.width * across // most_across)
        rows = -(-self.height * down // most_down)
        return -(-columns // 8) * -(-rows // 8)


def _read_frame(marker: int, body: bytes) -> _Frame | None:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        return None
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    components = [body[6 + 3 * index : 9 + 3 * index] for index in range(body[5])]
    factors = {component[0]: (max(1, component[1] >> 4), max(1, component[1] & 0xF)) for component in components}
    return _Frame(progressive=marker in _PROGRESSIVE, width=width, height=height, factors=factors)
