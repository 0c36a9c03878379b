"""What is wrong with weights; without torch, for whoever only looks for a file."""

from __future__ import annotations


class PretrainedWeightsError(RuntimeError):
    """Weights were asked for and cannot be had or do not fit; the message names the file and the ways on."""
