"""Losses and probabilities of classifiers: one sigmoid output for two classes, or one softmax output per class."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def class_probabilities(logits: Tensor) -> Tensor:
    """Probability of each class, float32 in [0, 1], each row's sum is 1.

    Args:
        logits: (N, C); (N, 1) is the logit of class 1 of two.

    Returns:
        (N, C), or (N, 2) for one logit.
    """
    if logits.shape[1] == 1:
        positive = logits.float().sigmoid()
        return torch.cat([1 - positive, positive], dim=1)
    return logits.float().softmax(dim=1)


def classification_loss(
    logits: Tensor, labels: Tensor, *, label_smoothing: float = 0.0, class_weights: Tensor | None = None
) -> Tensor:
    """Cross entropy; of one logit it is the binary one.

    Both forms are the same function: two softmax outputs (0, z) and one sigmoid output z have the same loss.

    Args:
        logits: (N, C); (N, 1) is the logit of class 1 of two.
        labels: (N,) int64 in [0, C), or in [0, 2) for one logit.
        label_smoothing: fraction of the label that is spread evenly over all classes, in [0, 1).
        class_weights: (C,) or (2,), weight of each image by its class; the loss is then the weighted mean. None: equal.

    Returns:
        The mean over the images, a float32 scalar; NaN for no images.
    """
    logits = logits.float()
    if logits.shape[1] > 1:
        # Not by its `weight`, which weighs each smoothed part by that part's class: frequent classes would lose labels.
        losses = functional.cross_entropy(logits, labels, reduction="none", label_smoothing=label_smoothing)
    else:
        targets = labels.float() * (1 - label_smoothing) + label_smoothing / 2
        losses = functional.binary_cross_entropy_with_logits(logits[:, 0], targets, reduction="none")
    if class_weights is None:
        return losses.mean()
    weights = class_weights[labels]
    return (losses * weights).sum() / weights.sum()
