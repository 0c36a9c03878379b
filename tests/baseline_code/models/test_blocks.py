"""Blocks, by values and counts worked out by hand."""

import torch

from baseline_code.models.classifier import squeeze_excitation_block
from baseline_code.models.own_networks import ResidualBlock


def fill(layer, weight, bias):
    torch.nn.init.constant_(layer.weight, weight)
    torch.nn.init.constant_(layer.bias, bias)


def test_squeeze_and_excitation_scales_each_channel_by_a_share_of_all_means():
    block = squeeze_excitation_block(2)  # one hidden unit
    fill(block.fc1, 0.5, 1.0)
    fill(block.fc2, 1.0, 0.0)
    with torch.no_grad():
        block.fc2.weight[1] = -1.0
    images = torch.tensor([[[[1.0, 3.0]], [[0.0, 4.0]]]])  # means 2 and 2: hidden 0.5 * 2 + 0.5 * 2 + 1 = 3
    expected = torch.sigmoid(torch.tensor([3.0, -3.0])).reshape(1, 2, 1, 1) * images
    torch.testing.assert_close(block(images), expected)


def test_its_hidden_layer_has_a_sixteenth_of_the_channels_and_never_vanishes():
    assert [squeeze_excitation_block(channels).fc1.out_channels for channels in (8, 64)] == [1, 4]


def single_pixel_block(**settings):
    """A block of one channel whose 3 x 3 convolutions see the middle alone: 2 x - 1, then -3 x; the shortcut x + 10."""
    block = ResidualBlock(1, 1, **settings).eval()
    weights = [(block.conv1, 2.0, -1.0), (block.conv2, -3.0, 0.0)]
    for layer, weight, bias in [*weights, (block.shortcut, 1.0, 10.0)] if block.shortcut else weights:
        fill(layer, 0.0, bias)
        with torch.no_grad():
            layer.weight[0, 0, layer.weight.shape[2] // 2, layer.weight.shape[3] // 2] = weight
    return block


def test_a_residual_block_rectifies_behind_the_first_convolution_and_behind_the_sum():
    images = torch.tensor([[[[0.0, 2.0, 8.0]]]])  # 2 x - 1 = -1, 3, 15; rectified 0, 3, 15; times -3: 0, -9, -45
    sums = torch.tensor([[[[0.0 + 10, -9.0 + 12, 0.0]]]])  # the last is -45 + 18, which the ReLU cuts
    fresh = single_pixel_block()  # a fresh normalisation divides by sqrt(1 + 1e-5)
    torch.testing.assert_close(fresh(images), sums, rtol=1e-4, atol=0)
    torch.testing.assert_close(single_pixel_block(normalisation=False)(images), sums)


def test_without_its_shortcut_a_residual_block_is_two_convolutions():
    block = single_pixel_block(normalisation=False, skip=False)
    images = torch.tensor([[[[0.0, 2.0]]]])
    assert block(images).tolist() == [[[[0.0, 0.0]]]]  # -3 * 3 is cut
    fill(block.conv2, 0.0, 5.0)
    assert block(images).tolist() == [[[[5.0, 5.0]]]]


def test_both_convolutions_are_normalised_and_the_shortcut_is_not():
    block = single_pixel_block()
    for norm in (block.norm1, block.norm2):
        norm.running_mean.fill_(1.0)
        norm.running_var.fill_(4.0 - norm.eps)
    images = torch.tensor([[[[2.0]]]])  # 3 -> (3 - 1) / 2 = 1 -> -3 -> (-3 - 1) / 2 = -2 -> -2 + 12
    torch.testing.assert_close(block(images), torch.tensor([[[[10.0]]]]))
