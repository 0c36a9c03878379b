"""The encoder by its name: PP-LCNet of whole detectors, or any network of timm."""

from __future__ import annotations

from pathlib import Path

from ocr.models.encoder import Encoder
from ocr.models.lcnet_v3 import PPLCNetV3
from ocr.models.lcnet_v4 import WIDTHS, PPLCNetV4

PP_LCNET_V3 = "pp_lcnet_v3_075"
AnyEncoder = Encoder | PPLCNetV3 | PPLCNetV4


def build_encoder(name: str, *, pretrained: bool = True, weights: str | Path | None = None) -> AnyEncoder:
    """Builds `pp_lcnet_v3_075`, `pp_lcnet_v4_small`, `pp_lcnet_v4_tiny`, or a network of timm by its name there.

    Args:
        name: of the network.
        pretrained: see `Encoder`; PP-LCNet starts with whole detectors only (`models.weights`).
        weights: see `Encoder`; not for PP-LCNet.

    Raises:
        ValueError: if PP-LCNet is to start from weights of its own, or another network does not suit.
        baseline_code.models.backbones.PretrainedWeightsError: see `Encoder`.
    """
    if name != PP_LCNET_V3 and name not in WIDTHS:
        return Encoder(name, pretrained=pretrained, weights=weights)
    if pretrained or weights is not None:
        raise ValueError(
            f"expected models.encoder.pretrained=false and models.encoder.weights=null for {name}, got {pretrained} "
            f"and {weights}: it starts together with its decoder and head, by models.weights=…"
        )
    return PPLCNetV3() if name == PP_LCNET_V3 else PPLCNetV4(name)
