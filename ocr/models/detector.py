"""The detector: encoder, decoder and head composed."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from ocr.models.decoder import Decoder
from ocr.models.encoder_factory import AnyEncoder
from ocr.models.head import DBHead, DBMaps


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
