"""What a detector from elsewhere needs before it is trained further."""

from __future__ import annotations

import torch
from torch import nn

from ocr.models import DBHead

THRESHOLD_STD = 0.01
THRESHOLD_BIAS = -0.6  # sigmoid: 0.35, between the 0.3 of the background and the 0.7 of an edge


def prepare_for_finetuning(head: DBHead, *, logit_scale: float, generator: torch.Generator | None = None) -> None:
    """Makes a head's logits less steep and its threshold branch fresh.

    The last layer of the probability branch is scaled: the map keeps its order, and its 0.5 where it was, but the loss
    no longer starts far out on the slopes of the sigmoid. The threshold branch, which deployed files lack, becomes a
    copy of the probability branch but for its last layer, which starts near a constant.

    Args:
        head: with the probability branch as it was trained.
        logit_scale: by what the logits are multiplied, > 0.
        generator: of the threshold branch's random numbers; torch's own by default.

    Raises:
        ValueError: if `logit_scale` is not positive.
    """
    if logit_scale <= 0:
        raise ValueError(f"expected logit_scale > 0, got {logit_scale}")
    head.threshold_branch.load_state_dict(head.probability_branch.state_dict())
    last = _last_layer(head.threshold_branch)
    nn.init.normal_(last.weight, std=THRESHOLD_STD, generator=generator)
    with torch.no_grad():
        last.get_parameter("bias").fill_(THRESHOLD_BIAS)
        for parameter in _last_layer(head.probability_branch).parameters():
            parameter.mul_(logit_scale)


def _last_layer(branch: nn.Sequential) -> nn.ConvTranspose2d:
    last = branch[-1]
    if not isinstance(last, nn.ConvTranspose2d):
        raise TypeError(f"expected a branch that ends in a transposed convolution, got {type(last).__name__}")
    return last
