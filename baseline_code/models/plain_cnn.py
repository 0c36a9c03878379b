"""PlainCNN: the ordinary network that residual ones are compared with."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from baseline_code.models.stages import network_stages

CHANNELS = (3, 32, 64, 128, 256)


class PlainCNN(nn.Module):
    """Four times 3 x 3 convolution, batch normalisation, ReLU and 2 x 2 max pooling; global average; linear layer.

    The channels are 32, 64, 128 and 256. Without shortcuts, 388,896 weights before the last layer.

    Args:
        num_outputs: logits.
        dropout: fraction of the 256 pooled features that training drops, in [0, 1).
    """

    def __init__(self, num_outputs: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        layers = [_layer(before, after) for before, after in pairwise(CHANNELS)]
        self.backbone = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(CHANNELS[-1], num_outputs)

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
