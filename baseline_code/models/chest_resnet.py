"""ChestResNet: a deep residual network for chest X-rays."""

from __future__ import annotations

import timm
from torch import nn

BLOCKS = (3, 4, 6, 5)


def chest_resnet_backbone() -> nn.Module:
    """ResNet of bottleneck blocks, stages of 64, 128, 256 and 512 with 3, 4, 6 and 5 blocks, behind a 7 x 7 stem.

    The stem is a 7 x 7 convolution of 64 channels and 3 x 3 max pooling, both at stride 2. A block is 1 x 1, 3 x 3 and
    1 x 1 convolutions, of which the last widens four times: a stage of 64 gives 256 channels. Each stage's first block
    has a projection on its shortcut and, but in the first stage, stride 2 in its 3 x 3 convolution; the others are
    identity blocks, which add their input as it is. That is ResNet-50 with two more identity blocks in the last stage:
    32,433,216 weights.

    Made for 180 x 180 px, of which the last stage makes 6 x 6; other sizes work, since it ends in a global average.

    Returns:
        A timm network without its last layer.

    Source:
        He et al., CVPR 2016 (arXiv 1512.03385), table 1; stride in the 3 x 3 convolution as in torchvision.
    """
    return timm.create_model("resnet50", layers=BLOCKS, num_classes=0)
