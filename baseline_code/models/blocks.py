"""Blocks that classifiers are put together from."""

from __future__ import annotations

from timm.layers.squeeze_excite import SEModule
from torch import Tensor, nn
from torch.nn import functional


def squeeze_excitation(channels: int, reduction: int = 16) -> nn.Module:
    """Scales each channel by a fraction in (0, 1) that is learnt from the means of all channels.

    Args:
        channels: C.
        reduction: the hidden layer has C // reduction units, at least one; >= 1.

    Returns:
        A module: (N, C, H, W) -> the same shape. It has 2 C (C // reduction) + C // reduction + C weights.

    Raises:
        ValueError: if `reduction` is less than 1.

    Source:
        Hu et al., CVPR 2018 (arXiv 1709.01507), section 3; 1 x 1 convolutions with biases for the two layers.
    """
    if reduction < 1:
        raise ValueError(f"expected a reduction >= 1, got {reduction}")
    return SEModule(channels, rd_channels=max(1, channels // reduction))


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions beside a 1 x 1 shortcut: (N, C, H, W) -> (N, D, H, W).

    All three convolutions have biases. Batch normalisation follows both 3 x 3 ones, but not the shortcut. A ReLU
    follows the first normalisation and the sum. The block has 10 C D + 9 D² + 7 D weights.

    Args:
        in_channels: C.
        out_channels: D.
        normalisation: False leaves out both batch normalisations (4 D weights).
        skip: False leaves out the shortcut (C D + D weights): a plain stack of two convolutions.

    Source:
        He et al., CVPR 2016 (arXiv 1512.03385), figure 2. Departures: the shortcut always is a convolution and is not
        normalised; the convolutions have biases although a normalisation follows.
    """

    def __init__(self, in_channels: int, out_channels: int, *, normalisation: bool = True, skip: bool = True) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(out_channels) if normalisation else nn.Identity()
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(out_channels) if normalisation else nn.Identity()
        self.shortcut = nn.Conv2d(in_channels, out_channels, 1) if skip else None

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, D, H, W), none below 0."""
        features: Tensor = self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(images)))))
        return functional.relu(features if self.shortcut is None else features + self.shortcut(images))
