"""Training and validation split divided anew, where a source's own validation split is too small."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

import numpy as np

from baseline_code.datasets.labelled import JoinedImages, SelectedImages
from baseline_code.datasets.leaks import check_distinct_names
from baseline_code.datasets.source import ImageSource, SourceError, Splits
from baseline_code.datasets.split import stratified_group_split

log = logging.getLogger(__name__)

PatientKey = tuple[str | None, ...]


@dataclass(frozen=True)
class ResplitSource:
    """The training and validation images of another source, divided anew by patient; its test split stays as it is.

    The same images, fraction and seed give the same splits, however the source had divided them.

    Args:
        source: where the images come from.
        fraction: of each class for validation, in (0, 1).
        seed: which patients go where.
        patient: regular expression to search in the names of the images. Its groups together name the patient. An image
            whose name does not match is a patient of its own; so is every image where this is None.

    Raises:
        ValueError: if the fraction is outside its range, or the expression is none or has no group.
    """

    source: ImageSource
    fraction: float
    seed: int = 0
    patient: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise ValueError(f"expected datasets.resplit in (0, 1), or null for none, got {self.fraction!r}")
        if self.patient is None:
            return
        try:
            groups = re.compile(self.patient).groups
        except (re.error, TypeError) as error:
            raise ValueError(
                f"expected datasets.patient to be a regular expression, got {self.patient!r}: {error}"
            ) from error
        if groups == 0:
            raise ValueError(
                f"expected a group in datasets.patient that names the patient, such as (person\\d+), "
                f"got {self.patient!r}"
            )

    def load(self) -> Splits:
        """The splits; training and validation images are in the source's order, training split first.

        Raises:
            SourceError: of the source, or if a class has images of one patient only.
            baseline_code.datasets.leaks.LeakError: if an image is in both splits of the source.
        """
        train, val, test = self.source.load()
        if val is not None:
            check_distinct_names(train, val, "validation")
        images = JoinedImages(train) if val is None else JoinedImages(train, val)
        patients = [self._patient(name) for name in images.names]
        numbers = {patient: number for number, patient in enumerate(sorted(set(patients), key=repr))}
        groups = np.array([numbers[patient] for patient in patients])
        try:
            kept, held_out = stratified_group_split(images.labels, groups, self.fraction, self.seed, images.classes)
        except ValueError as error:
            raise SourceError(f"datasets.resplit={self.fraction}: {error}") from error
        log.info(
            "datasets.resplit=%s: %d images%s divided into %d to train on and %d to validate on",
            self.fraction,
            len(images),
            "" if self.patient is None else f" of {len(numbers)} patients",
            len(kept),
            len(held_out),
        )
        return Splits(SelectedImages(images, kept), SelectedImages(images, held_out), test)

    def _patient(self, name: str) -> PatientKey:
        """What is equal for the images of one patient: the groups of the expression, else the image's own name."""
        match = None if self.patient is None else re.search(self.patient, name)
        return ("image", name) if match is None else ("patient", *match.groups())
