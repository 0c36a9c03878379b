"""What every label format offers: it is told from others, read, and written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from ocr.annotations.formats.findings import Findings
from ocr.annotations.formats.image_folder import ImageFile, ImageFolder
from ocr.annotations.formats.label_file import LabelFile
from ocr.annotations.formats.shapes import Shape
from ocr.annotations.words import ImageAnnotation, Size, Word


class ForeignWord(NamedTuple):
    """A word as a label file has it."""

    shape: Shape  # in the format's unit
    text: str | None  # "": missing; None: the format has no text
    ignore: bool
    place: str  # for messages


class ForeignImage(NamedTuple):
    """The words that a label file has for an image."""

    image: ImageFile
    words: Sequence[ForeignWord]
    place: str
    stated: Size | None = None  # width and height that the labels state, px
    split: str | None = None  # of the data, where the labels say so


class LabelledImage(NamedTuple):
    """An image with its words in the project's form."""

    annotation: ImageAnnotation  # with the size of the image
    folder: Path
    split: str | None = None  # of the data, where the labels say so
    entry: Mapping[str, Any] | None = None  # its entry in an annotation JSON that it comes from, with all of its keys

    @property
    def name(self) -> str:
        """Path below the image folder."""
        return self.annotation.filename

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / self.name

    @property
    def size(self) -> Size:
        """Width and height as displayed, px."""
        return self.annotation.size or (0, 0)

    def numbered(self) -> Iterator[tuple[str, Word]]:
        """Each word with its place, for messages."""
        for word in self.annotation.words:
            yield f"{self.name}, word {word.id}", word


@dataclass(frozen=True)
class LabelSettings:
    """What a person may choose about formats.

    Attributes:
        voc_one_based: whether Pascal VOC's coordinates count pixels from 1.
        label: class that is written for words.
        predictions: whether words are predictions, for a person to correct.
        folder: name of the folder of images, as PPOCRLabel opens it.
        split: name of the split that is written.
        rectangle_name: Label Studio's control of rectangles,
        polygon_name: of polygons,
        text_name: of texts;
        image_name: its object,
        image_url: and what precedes the names of images.
    """

    voc_one_based: bool = False
    label: str = "text"
    predictions: bool = False
    folder: str = "images"
    split: str = "train"
    rectangle_name: str = "rectangle"
    polygon_name: str = "polygon"
    text_name: str = "transcription"
    image_name: str = "image"
    image_url: str = "/data/local-files/?d=images/"


class Source(NamedTuple):
    """Label files and what belongs to them."""

    files: Sequence[LabelFile]
    folder: Path  # that was given, or that the file which was given is in
    images: ImageFolder
    settings: LabelSettings
    findings: Findings


class LabelFormat(ABC):
    """A way to write labels down."""

    name: ClassVar[str]  # as it is typed
    title: ClassVar[str]  # as people call it
    suffixes: ClassVar[tuple[str, ...]]
    fractions: ClassVar[bool] = False  # coordinates are fractions of the image's width and height
    absent_is_empty: ClassVar[bool] = False  # an image without a label file has no words
    image_folder: ClassVar[str] = "images"  # where an export has its images
    for_correction: ClassVar[bool] = False  # the tool shows predictions, for a person to correct

    @abstractmethod
    def sniff(self, file: LabelFile) -> bool:
        """Whether a file looks like this format."""

    @abstractmethod
    def read_file(self, file: LabelFile, source: Source) -> Iterator[ForeignImage]:
        """The labels of each image of a file; what is wrong with the file itself is raised."""

    def read(self, source: Source) -> Iterator[ForeignImage]:
        """The labels of each image; what is wrong is noted."""
        for file in source.files:
            with source.findings.faults_at(file.name):
                yield from self.read_file(file, source)

    @abstractmethod
    def write(self, images: Sequence[LabelledImage], settings: LabelSettings, findings: Findings) -> dict[str, str]:
        """Content of each label file by its path below the export; what is lost is counted."""

    def overview(self, folders: Mapping[str, str], settings: LabelSettings) -> dict[str, str]:
        """Content of each file about all splits by its path below the export; of one split alone the folder is ""."""
        return {}

    def stems(self, file: LabelFile) -> tuple[str, ...] | None:
        """Paths of a label file's image, from its folder, without ending; None where files name their images."""
        return None


class PerImageFormat(LabelFormat):
    """A format with one label file for each image, found by its name."""

    prefixes: ClassVar[tuple[str, ...]] = ()
    """What a label file's name may have before the image's; the first is written."""

    @abstractmethod
    def read_image(self, file: LabelFile, source: Source) -> ForeignImage:
        """The labels of a file; what is wrong with a word is noted, what is wrong with the file is raised."""

    @abstractmethod
    def write_image(self, image: LabelledImage, settings: LabelSettings, findings: Findings) -> str:
        """The content of a file."""

    def stems(self, file: LabelFile) -> tuple[str, ...]:
        """The file's own, and those without a prefix."""
        shorter = (file.stem.removeprefix(prefix) for prefix in self.prefixes)
        return (file.stem, *(other for other in shorter if other != file.stem))

    def find_image(self, file: LabelFile, images: ImageFolder) -> ImageFile:
        """The image of a label file.

        Raises:
            ValueError: if there is none, or several images fit.
        """
        return images.find_by_stem(*self.stems(file), near=file)

    def read_file(self, file: LabelFile, source: Source) -> Iterator[ForeignImage]:
        """See `LabelFormat`."""
        yield self.read_image(file, source)

    def write(self, images: Sequence[LabelledImage], settings: LabelSettings, findings: Findings) -> dict[str, str]:
        """See `LabelFormat`."""
        files: dict[str, str] = {}
        for image in images:
            path = self.path_of(image.name)
            if path in files:
                findings.fault(image.name, f"expected one image for {path}, got two that differ in their endings only")
            files[path] = self.write_image(image, settings, findings)
        return files

    def path_of(self, image: str) -> str:
        """Where the labels of an image are written, below the export."""
        folder, slash, name = image.rpartition("/")
        return f"{folder}{slash}{self.prefixes[0] if self.prefixes else ''}{name.rpartition('.')[0]}{self.suffixes[0]}"


class LineFormat(PerImageFormat):
    """A text file for each image, a line for each word."""

    suffixes = (".txt",)

    @abstractmethod
    def read_line(self, line: str, place: str) -> ForeignWord:
        """The word of a line.

        Raises:
            ValueError: if it is none.
        """

    @abstractmethod
    def write_line(self, word: Word, size: Size, place: str, findings: Findings) -> str:
        """The line of a word in an image of that size."""

    def read_image(self, file: LabelFile, source: Source) -> ForeignImage:
        """See `PerImageFormat`."""
        words = []
        for number, line in file.lines():
            place = f"{file.name}, line {number}"
            with source.findings.faults_at(place):
                words.append(self.read_line(line, place))
        return ForeignImage(self.find_image(file, source.images), words, file.name)

    def write_image(self, image: LabelledImage, settings: LabelSettings, findings: Findings) -> str:
        """See `PerImageFormat`."""
        return "".join(f"{self.write_line(word, image.size, place, findings)}\n" for place, word in image.numbered())
