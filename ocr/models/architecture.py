"""A detector's network from the few settings that say how it is built."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ocr.models.decoder import build_decoder
from ocr.models.detector import TextDetector
from ocr.models.encoder_factory import build_encoder
from ocr.models.head import build_head

_BUILDERS: Mapping[str, Callable[..., Any]] = {"encoder": build_encoder, "decoder": build_decoder, "head": build_head}
_STARTS = ("pretrained", "weights")  # where an encoder's weights come from, not how it is built


def pick_architecture(models: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What of the settings in `models` says how encoder, decoder and head are built; plain JSON."""
    return {
        part: {
            name: models[part][name]
            for name in inspect.signature(build).parameters
            if name in models[part] and name not in _STARTS
        }
        for part, build in _BUILDERS.items()
    }


def build_architecture(architecture: Mapping[str, Mapping[str, Any]]) -> TextDetector:
    """A network with random weights.

    Args:
        architecture: as `pick_architecture` gives it.

    Raises:
        KeyError, TypeError, ValueError: if a part is missing, or one of its settings is unknown or out of its range.
    """
    return TextDetector(
        build_encoder(**architecture["encoder"], pretrained=False),
        partial(build_decoder, **architecture["decoder"]),
        partial(build_head, **architecture["head"]),
    )
