"""ImageNet's mean and deviation, which the inputs of networks are normalised by."""

Channels = tuple[float, float, float]
"""A number for each of the three colours."""
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of R, G, B in [0, 1]."""
