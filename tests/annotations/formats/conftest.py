"""Labels of other tools, written into a folder, read, and compared with what they mean."""

import json
import logging
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ocr.annotations.conversion import read_labels
from ocr.annotations.faults import AnnotationError


def box(left, top, right, bottom):
    """An upright word, clockwise from the upper left."""
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


@pytest.fixture
def labels(tmp_path, caplog, request):
    """Writes images and label files, and reads them twice: the format named, and found out.

    The `IMAGES` of a file of tests, (width, height) by name, are there for each of its tests.
    """
    labels = Labels(tmp_path, caplog)
    for name, (width, height) in getattr(request.module, "IMAGES", {}).items():
        labels.image(name, width, height)
    return labels


class Labels:
    def __init__(self, folder, caplog):
        self.folder = folder / "data"
        self.caplog = caplog

    def image(self, name, width, height, orientation=1):
        """A white image, stored as width x height; the EXIF orientation turns it when it is displayed."""
        path = self.folder / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.new("RGB", (width, height), "white").save(path, exif=exif)

    def write(self, name, content):
        """A label file: text, bytes, or what becomes JSON."""
        path = self.folder / "labels" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            path.write_bytes(text.encode())

    def read(self, name, **settings):
        """Words (points, text, whether ignored) by image, sizes, splits and warnings."""
        named, found_out = (self._read(one, **settings) for one in (name, None))
        assert vars(named) == vars(found_out)
        return named

    def fault(self, name):
        """The message of the error."""
        messages = []
        for one in (name, None):
            with pytest.raises(AnnotationError) as caught:
                self._read(one)
            messages.append(str(caught.value))
        assert messages[0] == messages[1]
        return messages[0]

    def _read(self, name, **settings):
        self.caplog.clear()
        with self.caplog.at_level(logging.INFO):
            images = read_labels(self.folder / "labels", self.folder / "images", name, **settings)
        found = {image.annotation.filename: image.annotation for image in images}
        return SimpleNamespace(
            words={key: [_word(word) for word in one.words] for key, one in found.items()},
            sizes={key: (one.width, one.height) for key, one in found.items()},
            splits={image.annotation.filename: image.split for image in images},
            ids={key: [word.id for word in one.words] for key, one in found.items()},
            warnings=[one.getMessage() for one in self.caplog.records if one.levelno >= logging.WARNING],
        )


def _word(word):
    return np.round(word.polygon.astype(np.float64), 3).tolist(), word.text, word.ignore
