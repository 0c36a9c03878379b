"""A calibration: post-processing settings and what they gain, as a JSON file, in words, beside typed settings."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from baseline_code.files.json_file import JsonFileError, is_number, read_json_object, write_json
from baseline_code.files.shown_text import first_line
from ocr.calibration.grid import Settings
from ocr.calibration.objective import describe_objective
from ocr.calibration.space import NUMBERS
from ocr.metrics import Ratios
from ocr.postprocess import DBPostProcess
from ocr.statistics import PairedGain

VERSION = 1
MAX_SETTING = 1e6
"""No threshold, ratio or number of pixels among the settings is larger."""
WORDS = ("mode", "unclip")
"""What a calibration may set beside `NUMBERS`: names of `models.head.*` and of `DBPostProcess`."""

log = logging.getLogger(__name__)


class CalibrationError(ValueError):
    """A calibration file that is missing, damaged, of another version, or that sets what it may not."""


@dataclass(frozen=True)
class Calibration:
    """Settings found on labelled maps, beside those from before.

    Attributes:
        settings: what to use, by the names of `models.head.*`: those found where they were accepted, otherwise those
            from before, so that the file may be given either way.
        accepted: whether the gain was shown to be real.
        found: the settings that the search chose on all images.
        defaults: the settings before.
        before: CLEval of `defaults`, the mean over the images.
        after: CLEval of `found` on the images on which they were found: too good to be true.
        cross_fitted: mean objective of images under settings that were chosen without them.
        gain: of the cross-fitted objective over that of `defaults`, resampled by images.
        images: how many.
        source: where the maps came from, plain JSON.
        iou_weight: w of the objective (1 - w) · CLEval H + w · IoU H.
        iou_before: IoU H of `defaults`, pooled over the images; None in older files.
        iou_after: IoU H of `found`, pooled over the images; None in older files.
    """

    settings: Settings
    accepted: bool
    found: Settings
    defaults: Settings
    before: Ratios
    after: Ratios
    cross_fitted: float
    gain: PairedGain
    images: int
    source: Mapping[str, Any]
    iou_weight: float = 0.0
    iou_before: float | None = None
    iou_after: float | None = None


def write_calibration(path: str | os.PathLike[str], calibration: Calibration) -> None:
    """Write the file, whole or not at all.

    Raises:
        OSError: if it cannot be written.
    """
    fields = asdict(calibration) | {name: getattr(calibration, name)._asdict() for name in ("before", "after", "gain")}
    write_json(path, {"version": VERSION} | fields)


def read_calibration(path: str | os.PathLike[str]) -> Calibration:
    """Read a file that `write_calibration` wrote; its settings may have been edited by hand.

    Raises:
        CalibrationError: naming the file, and the setting that is unknown or out of its range.
    """
    try:
        fields = read_json_object(path, "a calibration", hint="runners/calibrate.py writes one")
    except JsonFileError as error:
        raise CalibrationError(str(error)) from error
    version = fields.pop("version", None)
    if version != VERSION:
        raise CalibrationError(
            f"{path}: expected a calibration of version {VERSION}, got {version!r}; find it again by "
            "runners/calibrate.py"
        )
    try:
        numbers = {"before": Ratios(**fields["before"]), "after": Ratios(**fields["after"])}
        calibration = Calibration(**fields | numbers | {"gain": PairedGain(**fields["gain"])})
    except (KeyError, TypeError) as error:
        raise CalibrationError(f"{path}: expected the fields of a calibration, got {first_line(error)}") from error
    _check_fields(path, calibration)
    for settings in (calibration.settings, calibration.found, calibration.defaults):
        _check_settings(path, settings)
    return calibration


def verdict(calibration: Calibration) -> str:
    """One or two sentences: whether to take the settings that were found, and why."""
    gain = calibration.gain
    interval = f"{gain.mean:+.4f} (95 % of resamples {gain.low:+.4f} to {gain.high:+.4f})"
    if calibration.found == calibration.defaults:
        return "The settings from before are the best that the search found: nothing to change."
    measured = (
        f"On images that they were not chosen on they gain {interval} in {describe_objective(calibration.iou_weight)}: "
        f"P(gain > 0) = {gain.probability:.3f}."
    )
    if calibration.accepted:
        return f"Take the settings found. {measured}"
    if gain.mean > 0:
        return f"Keep the settings from before: a gain was not shown. {measured} More images may show one."
    return f"Keep the settings from before: what looks like a gain on the same images is luck. {measured}"


def override_line(calibration: Calibration) -> str:
    """The settings that were found as overrides to type; those that do not change are left out.

    Returns:
        `models.head.thresh=… models.head.box_thresh=…`, or "" where nothing changes.
    """
    changed = {name: value for name, value in calibration.found.items() if value != calibration.defaults[name]}
    return " ".join(f"models.head.{name}={value}" for name, value in changed.items())


def _check_fields(path: str | os.PathLike[str], calibration: Calibration) -> None:
    """Refuses fields of another type than they were written with."""
    ratios = [*calibration.before, *calibration.after, calibration.cross_fitted, calibration.iou_weight]
    ratios += [ratio for ratio in (calibration.iou_before, calibration.iou_after) if ratio is not None]
    kinds = (
        ("accepted to be true or false", isinstance(calibration.accepted, bool)),
        ("images to be a whole number", type(calibration.images) is int),
        ("source to be an object", isinstance(calibration.source, dict)),
        ("scores in [0, 1]", all(is_number(ratio, 0, 1) for ratio in ratios)),
        ("gains in [-1, 1]", all(is_number(gain, -1, 1) for gain in calibration.gain)),
    )
    for expected, holds in kinds:
        if not holds:
            raise CalibrationError(f"{path}: expected {expected}; find it again by runners/calibrate.py")


def _check_settings(path: str | os.PathLike[str], settings: object) -> None:
    """Refuses anything but post-processing settings within their ranges."""
    if not isinstance(settings, dict):
        raise CalibrationError(f"{path}: expected settings by name, got {settings!r}")
    for name, value in settings.items():
        if name not in WORDS + NUMBERS:
            raise CalibrationError(f"{path}: expected settings out of {', '.join(WORDS + NUMBERS)}, got {name!r}")
        never = name == "rectangle_fill" and value == float("inf")  # no region is a rectangle then
        fits = isinstance(value, str) if name in WORDS else never or is_number(value, -MAX_SETTING, MAX_SETTING)
        if not fits:
            kind = "word" if name in WORDS else f"number of at most {MAX_SETTING:g}"
            raise CalibrationError(f"{path}: expected {name} to be a {kind}, got {value!r}")
    try:
        DBPostProcess(**settings)
    except ValueError as error:
        raise CalibrationError(f"{path}: {error}") from error


def head_of_calibration(path: str | Path, typed: Mapping[str, Any]) -> Settings:
    """The `models.head` settings of a calibration file, which typed ones will replace.

    A warning tells where the calibration's own verdict was against what it found, and where a typed number replaces one
    that the others were found with.

    Args:
        path: the file.
        typed: `models.head` as typed; null where nothing was.

    Raises:
        CalibrationError: if the file cannot be used, or `mode` or `unclip` are typed otherwise than it was found for.
    """
    calibration = read_calibration(path)
    settings = calibration.settings
    given = {name: value for name, value in typed.items() if value is not None}
    for word in WORDS:
        ours, typed_word = settings.get(word, calibration.defaults.get(word)), given.get(word)
        if None not in (ours, typed_word) and ours != typed_word:
            raise CalibrationError(
                f"{path}: was found for models.head.{word}={ours}, got models.head.{word}={typed_word}: calibrate with "
                f"that (runners/calibrate.py … models.head.{word}={typed_word}), or leave one of the two out"
            )
    changed = [name for name, value in settings.items() if given.get(name, value) != value]
    if changed:
        listed = ", ".join(f"{name}={given[name]} for {settings[name]}" for name in changed)
        log.warning("%s: typed settings replace some that the others were found with: %s", path, listed)
    if not calibration.accepted:
        kept = "the settings from before hold" if settings == calibration.defaults else "they are used all the same"
        log.warning("%s: its verdict was against the settings found, %s. %s", path, kept, verdict(calibration))
    return settings
