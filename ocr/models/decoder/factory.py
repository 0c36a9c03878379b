"""The decoder by its name."""

from __future__ import annotations

from ocr.models.decoder.fpn import FPNDecoder
from ocr.models.decoder.residual_gates import ResidualGateFPN
from ocr.models.decoder.unet import UNetDecoder

Decoder = UNetDecoder | FPNDecoder | ResidualGateFPN


def build_decoder(
    in_channels: list[int],
    *,
    name: str,
    inner_channels: int,
    output_channels: int,
    adaptive_scale_fusion: bool = False,
    kernel_size: int = 7,
) -> Decoder:
    """Builds `unet`, `fpn`, `rse_fpn` or `rep_lk_fpn`.

    Args:
        in_channels: channels of the encoder's features, finest first.
        name: one of these.
        inner_channels: width of the pathway; of `rse_fpn` and `rep_lk_fpn` a multiple of 4.
        output_channels: channels of each level in the output; likewise.
        adaptive_scale_fusion: DBNet++'s attention over levels; `fpn` only.
        kernel_size: of the large depthwise convolutions, odd; `rep_lk_fpn` only.

    Raises:
        ValueError: for another name, adaptive scale fusion with any but `fpn`, an even kernel of `rep_lk_fpn`, or
            channels of `rse_fpn` or `rep_lk_fpn` that are no multiple of 4.
    """
    if name == "fpn":
        return FPNDecoder(
            in_channels,
            inner_channels=inner_channels,
            output_channels=output_channels,
            adaptive_scale_fusion=adaptive_scale_fusion,
        )
    if name not in ("unet", "rse_fpn", "rep_lk_fpn"):
        raise ValueError(f"expected models.decoder.name to be unet, fpn, rse_fpn or rep_lk_fpn, got {name!r}")
    if adaptive_scale_fusion:
        raise ValueError("adaptive scale fusion belongs to the FPN: set models.decoder.name=fpn")
    if name != "unet":
        depthwise_kernel = kernel_size if name == "rep_lk_fpn" else None
        return ResidualGateFPN(
            in_channels,
            inner_channels=inner_channels,
            output_channels=output_channels,
            depthwise_kernel=depthwise_kernel,
        )
    return UNetDecoder(in_channels, inner_channels=inner_channels, output_channels=output_channels)
