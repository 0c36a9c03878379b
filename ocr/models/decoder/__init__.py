"""Decoders: features at strides 4, 8, 16, 32 to one tensor at stride 4."""

from ocr.models.decoder.factory import Decoder, build_decoder
from ocr.models.decoder.fpn import AdaptiveScaleFusion, FPNDecoder
from ocr.models.decoder.residual_gates import ResidualGateFPN
from ocr.models.decoder.unet import UNetDecoder

__all__ = ["AdaptiveScaleFusion", "Decoder", "FPNDecoder", "ResidualGateFPN", "UNetDecoder", "build_decoder"]
