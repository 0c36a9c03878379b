"""What is raised where a detector cannot be loaded."""

from __future__ import annotations


class DetectorError(ValueError):
    """A file that holds no detector, an engine or a device that is not here; the message names the way on."""
