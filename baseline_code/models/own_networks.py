"""The networks that timm lacks: HResNet for small images, ChestResNet for X-rays, and PlainCNN to compare them with."""

from __future__ import annotations

from itertools import pairwise

import timm
from torch import Tensor, nn
from torch.nn import functional

from baseline_code.models.stages import network_stages

IMG_SIZE = 32
HRESNET_CHANNELS = (3, 64, 128, 256)
HIDDEN = (2048, 512)
PLAIN_CHANNELS = (3, 32, 64, 128, 256)
CHEST_BLOCKS = (3, 4, 6, 5)


class HResNet(nn.Module):
    """Residual blocks 3 -> 64 -> 128 -> 256, 2 x 2 average pooling behind each, then 4096 -> 2048 -> 512 -> outputs.

    A ReLU follows each linear layer but the last. With 10 outputs it has 10,633,674 weights, most of them in the first
    linear layer.

    Args:
        num_outputs: logits.
        img_size: side of the images, px; the first linear layer fits 32 only.
        dropout: fraction of the 512 last features that training drops, in [0, 1).
        normalisation: False leaves out batch normalisation, to see what it brings.
        skip: False leaves out the shortcuts, to see what they bring.

    Raises:
        ValueError: for another size.
    """

    def __init__(
        self,
        num_outputs: int,
        *,
        img_size: int = IMG_SIZE,
        dropout: float = 0.0,
        normalisation: bool = True,
        skip: bool = True,
    ) -> None:
        if img_size != IMG_SIZE:
            raise ValueError(
                f"expected datasets.img_size={IMG_SIZE} for hresnet, got {img_size}: its first linear layer has "
                "4096 = 4 x 4 x 256 inputs; any other network takes other sizes"
            )
        super().__init__()
        blocks = [
            nn.Sequential(ResidualBlock(before, after, normalisation=normalisation, skip=skip), nn.AvgPool2d(2))
            for before, after in pairwise(HRESNET_CHANNELS)
        ]
        pooled = (IMG_SIZE // 2 ** len(blocks)) ** 2 * HRESNET_CHANNELS[-1]
        widths = (pooled, *HIDDEN)
        layers = [nn.Sequential(nn.Linear(before, after), nn.ReLU(inplace=True)) for before, after in pairwise(widths)]
        self.backbone = nn.Sequential(*blocks, nn.Flatten(), *layers)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(HIDDEN[-1], num_outputs)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, 32, 32) float, normalised -> logits (N, num_outputs)."""
        logits: Tensor = self.head(self.dropout(self.backbone(images)))
        return logits

    def stages(self) -> list[nn.Module]:
        """The three blocks and the two hidden linear layers, first to last."""
        return network_stages(self.backbone)


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


class PlainCNN(nn.Module):
    """Four times 3 x 3 convolution, batch normalisation, ReLU and 2 x 2 max pooling; global average; linear layer.

    The channels are 32, 64, 128 and 256. Without shortcuts, 388,896 weights before the last layer.

    Args:
        num_outputs: logits.
        dropout: fraction of the 256 pooled features that training drops, in [0, 1).
    """

    def __init__(self, num_outputs: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        layers = [_layer(before, after) for before, after in pairwise(PLAIN_CHANNELS)]
        self.backbone = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(PLAIN_CHANNELS[-1], num_outputs)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) float, normalised, H and W >= 16 -> logits (N, num_outputs)."""
        logits: Tensor = self.head(self.dropout(self.backbone(images)))
        return logits

    def stages(self) -> list[nn.Module]:
        """The four layers, first to last."""
        return network_stages(self.backbone)


def _layer(in_channels: int, out_channels: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
    )


def chest_resnet_backbone() -> nn.Module:
    """ResNet of bottleneck blocks, stages of 64, 128, 256 and 512 with 3, 4, 6 and 5 blocks, behind a 7 x 7 stem.

    The stem is a 7 x 7 convolution of 64 channels and 3 x 3 max pooling, both at stride 2. A block is 1 x 1, 3 x 3 and
    1 x 1 convolutions; the last one widens four times: a stage of 64 gives 256 channels. Each stage's first block
    has a projection on its shortcut and, but in the first stage, stride 2 in its 3 x 3 convolution; the others are
    identity blocks, which add their input as it is. That is ResNet-50 with two more identity blocks in the last stage:
    32,433,216 weights.

    Made for 180 x 180 px: the last stage then has 6 x 6 positions; other sizes work, since it ends in a global average.

    Returns:
        A timm network without its last layer.

    Source:
        He et al., CVPR 2016 (arXiv 1512.03385), table 1; stride in the 3 x 3 convolution as in torchvision.
    """
    return timm.create_model("resnet50", layers=CHEST_BLOCKS, num_classes=0)
