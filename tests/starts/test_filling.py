"""A detector filled in the order of its forward pass, and its input adapted exactly."""

import numpy as np
import pytest
import torch
from torch import nn

from ocr.models.lcnet_v3 import Affine
from ocr.starts import STARTS, StartError
from ocr.starts.filling import fill
from ocr.starts.layers import ActivationAffine, BatchNormStatistics, Convolution
from ocr.starts.onnx_start import adapt_input
from tests.starts.detectors import random_detector

MEAN, STD = (0.5, 0.25, 0.75), (0.5, 0.2, 0.1)  # B, G, R


def called(detector):
    """Convolutions, affines and normalisations in the order in which a forward pass calls them."""
    order = []
    kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d, Affine)
    hooks = [
        module.register_forward_hook(lambda module, *_: order.append(module))
        for module in detector.modules()
        if isinstance(module, kinds)
    ]
    with torch.no_grad():
        detector.predict_probability(torch.zeros(1, 3, 32, 32))
    for hook in hooks:
        hook.remove()
    return order


def layers_of(detector):
    """What a graph of this detector would hold."""
    layers = []
    for module in called(detector):
        values = {name: value.detach().numpy().copy() for name, value in module.state_dict().items()}
        if isinstance(module, Affine):
            layers.append(ActivationAffine(values["scale"].item(), values["shift"].item()))
        elif isinstance(module, nn.BatchNorm2d):
            before = layers.pop()
            statistics = (values[name] for name in ("weight", "bias", "running_mean", "running_var"))
            normalisation = BatchNormStatistics(*statistics, module.eps)
            layers.append(Convolution(before.weight, before.bias, before.transposed, normalisation))
        else:
            transposed = isinstance(module, nn.ConvTranspose2d)
            channels = values["weight"].shape[1 if transposed else 0]
            bias = values.get("bias", np.zeros(channels, np.float32))
            layers.append(Convolution(values["weight"], bias, transposed))
    return layers


def scattered(detector):
    """With statistics and affines that are not those of a fresh network."""
    generator = torch.Generator().manual_seed(1)
    for module in detector.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
        elif isinstance(module, Affine):
            nn.init.uniform_(module.scale, 0.5, 1.5, generator=generator)
            nn.init.uniform_(module.shift, -0.5, 0.5, generator=generator)
    return detector


@pytest.mark.parametrize("name", STARTS)
def test_a_detector_filled_with_anothers_layers_gives_its_map(name):
    theirs, ours = scattered(random_detector(name, seed=1)), random_detector(name, seed=2)
    images = torch.randn(1, 3, 64, 96)
    fill(ours, layers_of(theirs), source="a.onnx")
    with torch.no_grad():
        torch.testing.assert_close(ours.predict_probability(images), theirs.predict_probability(images))


def test_a_bias_before_batch_normalisation_goes_into_its_mean():
    detector = random_detector("ppocrv4_mobile")
    layers = layers_of(detector)
    number = next(index for index, layer in enumerate(layers) if getattr(layer, "normalisation", None) is not None)
    biased = layers[number]
    layers[number] = Convolution(biased.weight, biased.bias + 0.5, biased.transposed, biased.normalisation)
    fill(detector, layers, source="a.onnx")
    branch = detector.head.probability_branch
    normalisation = next(module for module in branch.modules() if isinstance(module, nn.BatchNorm2d))
    torch.testing.assert_close(normalisation.running_mean, torch.full((24,), -0.5))  # (x + 0.5) - 0 = x - (-0.5)


def test_layers_that_do_not_fit_are_named_and_change_nothing():
    detector = random_detector("ppocrv6_small")
    before = {name: value.clone() for name, value in detector.state_dict().items()}
    layers = layers_of(random_detector("ppocrv6_tiny"))
    message = r"a\.onnx does not fit this network: expected its layer 1 to be a convolution \[24, 3, 3, 3\], got a "
    with pytest.raises(StartError, match=message + r"convolution \[16, 3, 3, 3\]; take another"):
        fill(detector, layers, source="a.onnx", hint="; take another")
    assert all(torch.equal(value, before[name]) for name, value in detector.state_dict().items())


def test_a_layer_too_few_is_an_error():
    detector = random_detector("ppocrv6_tiny")
    with pytest.raises(StartError, match=r"layer 85 to be a transposed convolution \[16, 1, 2, 2\], got absent"):
        fill(detector, layers_of(detector)[:-1], source="a.onnx")


@pytest.mark.parametrize("name", ["ppocrv4_mobile", "ppocrv6_tiny"])
def test_the_adapted_input_gives_the_same_map_up_to_the_border(name):
    detector = random_detector(name)
    pixels = torch.rand(1, 3, 64, 32)  # R, G, B in [0, 1]
    theirs = (pixels.flip(1) - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    imagenet = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    ours = (pixels - torch.tensor(imagenet[0]).view(1, 3, 1, 1)) / torch.tensor(imagenet[1]).view(1, 3, 1, 1)
    with torch.no_grad():
        before, unadapted = (
            detector.head.probability_branch(detector.decoder(detector.encoder(images))) for images in (theirs, ours)
        )
        adapt_input(detector, MEAN, STD)
        after = detector.head.probability_branch(detector.decoder(detector.encoder(ours)))
    assert (after - before).abs().max() < 0.05 * (unadapted - before).abs().max()  # random weights: both are small


def test_an_encoder_without_a_place_for_the_shift_is_refused():
    detector = random_detector("ppocrv6_tiny")
    detector.encoder.input_shift = nn.Identity()
    with pytest.raises(ValueError, match="expected an encoder with an InputShift, got PPLCNetV4"):
        adapt_input(detector, MEAN, STD)
