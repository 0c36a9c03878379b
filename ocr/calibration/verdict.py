"""What a calibration means, in words."""

from __future__ import annotations

from ocr.calibration.calibration_file import Calibration


def verdict(calibration: Calibration) -> str:
    """One or two sentences: whether to take the settings that were found, and why."""
    gain = calibration.gain
    interval = f"{gain.mean:+.4f} (95 % of resamples {gain.low:+.4f} to {gain.high:+.4f})"
    if calibration.found == calibration.defaults:
        return "The settings from before are the best that the search found: nothing to change."
    measured = f"On images that they were not chosen on they gain {interval}: P(gain > 0) = {gain.probability:.3f}."
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
