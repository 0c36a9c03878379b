"""What is raised where a detector cannot start from weights."""

from __future__ import annotations


class StartError(ValueError):
    """Weights of a whole detector cannot be had or do not fit; the message names the file and the ways on."""
