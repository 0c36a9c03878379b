"""Paths and names as people have them, quoted for Hydra's grammar: `images=/data/영수증 (1)`."""

from __future__ import annotations

import re


def quoted(text: str) -> str:
    """As a string of Hydra's grammar: a backslash counts before a quote only, and at the end."""
    escaped = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + (r"\'" if found[2] else ""), text)
    return f"'{escaped}'"
