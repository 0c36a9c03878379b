"""Classifiers."""

from baseline_code.models.factory import build_network

__all__ = ["build_network"]
