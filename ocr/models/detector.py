"""The detector: encoder, decoder and head composed, as modules or by the settings that say how they are built."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import Tensor, nn

from ocr.models.decoder import Decoder, build_decoder
from ocr.models.encoder_factory import AnyEncoder, build_encoder
from ocr.models.head import DBHead, DBMaps, build_head

_BUILDERS: Mapping[str, Callable[..., Any]] = {"encoder": build_encoder, "decoder": build_decoder, "head": build_head}
_STARTS = ("pretrained", "weights")  # where an encoder's weights come from, not how it is built


class TextDetector(nn.Module):
    """Images to maps. Channels meet here and nowhere else.

    Args:
        encoder: images -> features; has `out_channels`.
        decoder: builds, from `in_channels`, features -> one tensor at stride 4 with `out_channels`.
        head: builds, from `in_channels`, that tensor -> maps.
    """

    def __init__(
        self, encoder: AnyEncoder, decoder: Callable[[list[int]], Decoder], head: Callable[[int], DBHead]
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder(encoder.out_channels)
        self.head = head(self.decoder.out_channels)

    def forward(self, images: Tensor) -> DBMaps:
        """(N, 3, H, W) normalised floats, H and W multiples of 32 -> maps (N, 1, H, W)."""
        maps: DBMaps = self.head(self.decoder(self.encoder(images)))
        return maps

    def predict_probability(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) normalised floats -> the probability map alone, (N, 1, H, W), float32 in [0, 1]."""
        return self.predict_logits(images).sigmoid()

    def predict_logits(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) normalised floats -> the probability map before its sigmoid, (N, 1, H, W), float32."""
        return self.head.logits(self.decoder(self.encoder(images)))


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
