"""Imported once, before the stages' processes begin: importing all of it takes ten seconds, and touches no device."""

from benchmarks.reference_run import card, checks, experiments, feeding, hybrid, steps, warm_up

__all__ = ["card", "checks", "experiments", "feeding", "hybrid", "steps", "warm_up"]
