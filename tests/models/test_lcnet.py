"""PP-LCNet: features at four strides, blocks and gates by their formulas, what the factory refuses."""

import pytest
import torch
from torch import nn

from ocr.models.blocks import InputShift, SqueezeExcitation
from ocr.models.encoder_factory import build_encoder
from ocr.models.lcnet_v3 import ActivatedConv, Affine
from ocr.models.lcnet_v4 import Block, Stem

ENCODERS = {
    "pp_lcnet_v3_075": [12, 18, 42, 360],
    "pp_lcnet_v4_small": [48, 96, 192, 384],
    "pp_lcnet_v4_tiny": [32, 48, 64, 160],
}


@pytest.mark.parametrize(("name", "channels"), ENCODERS.items())
def test_features_have_their_strides_and_channels(name, channels):
    encoder = build_encoder(name, pretrained=False).eval()
    with torch.no_grad():
        features = encoder(torch.randn(2, 3, 64, 96))
    assert encoder.out_channels == channels
    assert [tuple(feature.shape) for feature in features] == [
        (2, width, 64 // stride, 96 // stride) for width, stride in zip(channels, (4, 8, 16, 32), strict=True)
    ]
    with pytest.raises(ValueError, match="expected height and width to be multiples of 32, got 32 x 40"):
        encoder(torch.zeros(1, 3, 32, 40))
    # all that learns but the last convolutions lies in a stage
    staged = {parameter for stage in encoder.stages() for parameter in stage.parameters()}
    outputs = set(encoder.outputs.parameters()) if hasattr(encoder, "outputs") else set()
    assert staged | outputs == set(encoder.parameters())
    assert len(encoder.stages()) == (6 if name == "pp_lcnet_v3_075" else 5)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_batch_gives_what_its_images_give_alone(name):
    encoder = build_encoder(name, pretrained=False).eval()
    images = torch.randn(2, 3, 32, 64)
    with torch.no_grad():
        together, alone = encoder(images), [encoder(image[None]) for image in images]
    for level, feature in enumerate(together):
        torch.testing.assert_close(feature, torch.cat([features[level] for features in alone]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("given", [{"pretrained": True}, {"pretrained": False, "weights": "file.pth"}])
def test_weights_of_its_own_are_refused(given):
    with pytest.raises(ValueError, match=r"it starts together with its decoder and head, by models\.weights="):
        build_encoder("pp_lcnet_v4_small", **given)


def test_a_gate_is_a_clipped_line_of_the_channels_means():
    gate = SqueezeExcitation(4, slope=0.2)
    nn.init.constant_(gate.gate.reduce.weight, 1.0)  # sum of the four means
    nn.init.constant_(gate.gate.reduce.bias, -1.0)
    gate.gate.expand.weight.data = torch.tensor([1.0, -1.0, 0.0, 10.0]).view(4, 1, 1, 1)
    gate.gate.expand.bias.data = torch.tensor([0.0, 0.0, 0.5, 0.0])
    features = torch.tensor([1.0, 0.5, 0.25, 0.25]).view(1, 4, 1, 1).expand(1, 4, 2, 3)  # means add up to 2, less 1: 1
    weights = torch.tensor([0.7, 0.3, 0.6, 1.0])  # 0.2 (1, -1, 0.5, 10) + 0.5, at most 1
    torch.testing.assert_close(gate(features)[0, :, 0, 0], weights * features[0, :, 0, 0])
    gate.residual = True
    torch.testing.assert_close(gate(features)[0, :, 1, 2], (1 + weights) * features[0, :, 0, 0])


def test_a_block_of_stride_1_adds_what_its_depthwise_convolution_gave_and_one_of_stride_2_nothing():
    features, same, halved = torch.randn(1, 4, 6, 8), Block(4, 4), Block(4, 6, stride=2)
    for parameter in (*same.project.parameters(), *halved.project.parameters()):
        nn.init.zeros_(parameter)
    torch.testing.assert_close(same(features), same.depthwise(features))
    assert torch.equal(halved(features), torch.zeros(1, 6, 3, 4))


def test_the_stem_sees_to_the_right_and_downwards():
    stem = Stem(2, 3)
    for parameter in stem.parameters():
        nn.init.constant_(parameter, 0.1)
    image = torch.zeros(1, 3, 16, 16)
    image[..., 8, 8] = 1.0
    changed = (stem(image) - stem(torch.zeros(1, 3, 16, 16))).abs().sum(1)[0] > 0
    # Pixel 8 reaches position 4 of stride 2; two 2x2 kernels padded behind take it to 2, 3, 4; of stride 4 these are
    # 1 and 2 (a 3x3 kernel at 2 p - 1, 2 p, 2 p + 1).
    assert changed.nonzero().tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]


def test_an_activated_convolution_of_stride_2_has_no_activation():
    assert isinstance(ActivatedConv(2, 2, 3, stride=2).activation, nn.Identity)
    conv = ActivatedConv(1, 1, 1)
    nn.init.ones_(conv.conv.weight)
    nn.init.zeros_(conv.conv.bias)
    affine = conv.activation[1]
    assert isinstance(affine, Affine)
    nn.init.constant_(affine.scale, 2.0)
    nn.init.constant_(affine.shift, 0.5)
    value = conv(torch.full((1, 1, 1, 1), 1.5)).item()
    assert value == pytest.approx(2 * 1.5 * (1.5 + 3) / 6 + 0.5)  # hard-swish: x (x + 3) / 6


def test_the_input_shift_is_kept_and_does_not_learn():
    shift = InputShift()
    assert list(shift.state_dict()) == ["shift"]
    assert list(shift.parameters()) == []
    assert torch.equal(shift(torch.ones(1, 3, 2, 2)), torch.ones(1, 3, 2, 2))
