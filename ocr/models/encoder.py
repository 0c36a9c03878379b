"""The encoder: images to features at strides 4, 8, 16 and 32."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from baseline_code.models.backbones import create_backbone, feature_info
from baseline_code.models.stages import network_stages

STRIDES = (4, 8, 16, 32)


def check_size(images: Tensor) -> None:
    """Refuses (N, C, H, W) images that the strides do not divide.

    Raises:
        ValueError: if H or W is no multiple of 32.
    """
    height, width = images.shape[-2:]
    if height % STRIDES[-1] or width % STRIDES[-1]:
        raise ValueError(f"expected height and width to be multiples of {STRIDES[-1]}, got {height} x {width}")


class Encoder(nn.Module):
    """A classification network as a feature pyramid; channels are read from the network, never typed.

    Args:
        name: timm model name.
        pretrained: start from timm's ImageNet weights; where the hub is out of reach, from those in `weights/`.
        weights: a local file to start from instead: of this network as timm's classifier, as one of ours, or in a
            detector's checkpoint.

    Raises:
        ValueError: if there is no such network, or it lacks one of the strides.
        baseline_code.models.backbones.PretrainedWeightsError: if the weights cannot be had, or do not fit.
    """

    def __init__(self, name: str, *, pretrained: bool = True, weights: str | Path | None = None) -> None:
        super().__init__()
        self.backbone = create_backbone(name, pretrained=pretrained, weights=weights, strides=STRIDES)
        self.out_channels: list[int] = feature_info(self.backbone).channels()

    def forward(self, images: Tensor) -> list[Tensor]:
        """Features of a batch.

        Args:
            images: (N, 3, H, W) float, normalised; H and W are multiples of 32.

        Returns:
            [c2, c3, c4, c5]: (N, C_i, H / s, W / s) for s = 4, 8, 16, 32.

        Raises:
            ValueError: if H or W is no multiple of 32.
        """
        check_size(images)
        features: list[Tensor] = self.backbone(images)
        return features

    def stages(self) -> list[nn.Module]:
        """The network's stages, from the stem to the last: what freezing takes as one."""
        return network_stages(self.backbone)
