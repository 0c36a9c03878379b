"""The decoder by its name."""

from __future__ import annotations

from ocr.models.decoder.fpn import FPNDecoder
from ocr.models.decoder.unet import UNetDecoder


def build_decoder(
    in_channels: list[int],
    *,
    name: str,
    inner_channels: int,
    output_channels: int,
    adaptive_scale_fusion: bool = False,
) -> UNetDecoder | FPNDecoder:
    """Builds `unet` or `fpn`.

    Args:
        in_channels: channels of the encoder's features, finest first.
        name: `unet` or `fpn`.
        inner_channels: width of the pathway.
        output_channels: channels of each level in the output.
        adaptive_scale_fusion: DBNet++'s attention over levels; `fpn` only.

    Raises:
        ValueError: for another name, or adaptive scale fusion with `unet`.
    """
    if name == "fpn":
        return FPNDecoder(
            in_channels,
            inner_channels=inner_channels,
            output_channels=output_channels,
            adaptive_scale_fusion=adaptive_scale_fusion,
        )
    if name != "unet":
        raise ValueError(f"expected models.decoder.name to be unet or fpn, got {name!r}")
    if adaptive_scale_fusion:
        raise ValueError("adaptive scale fusion belongs to the FPN: set models.decoder.name=fpn")
    return UNetDecoder(in_channels, inner_channels=inner_channels, output_channels=output_channels)
