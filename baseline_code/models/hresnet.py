"""HResNet: three residual blocks and three linear layers, for small images."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from baseline_code.models.blocks import ResidualBlock
from baseline_code.models.stages import network_stages

IMG_SIZE = 32
CHANNELS = (3, 64, 128, 256)
HIDDEN = (2048, 512)


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
            for before, after in pairwise(CHANNELS)
        ]
        pooled = (IMG_SIZE // 2 ** len(blocks)) ** 2 * CHANNELS[-1]
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
