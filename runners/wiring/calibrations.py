"""A calibration beside settings that people type: both must speak of the same post-processing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ocr.calibration import CalibrationError, read_calibration
from ocr.calibration.calibration_file import WORDS, verdict
from ocr.calibration.grid import Settings

log = logging.getLogger(__name__)


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
