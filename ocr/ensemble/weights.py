"""What each member of an ensemble counts."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.probability_maps.fusion import normalise_weights


def normalised_weights(weights: Sequence[float] | None, members: int) -> tuple[float, ...]:
    """Weights of sum 1.

    Args:
        weights: one for each member, finite, >= 0, one of them above 0; None: all equal.
        members: how many there are, >= 1.

    Raises:
        ValueError: if there is no member, or a weight is out of range, or their number is another.
    """
    if members < 1:
        raise ValueError("expected one member at least, got none")
    if weights is None:
        return (1.0 / members,) * members
    if len(weights) != members:
        raise ValueError(f"expected a weight for each of the {members} members, got {len(weights)}: {list(weights)}")
    return tuple(normalise_weights(weights))
