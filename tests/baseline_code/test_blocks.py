"""Blocks, by values and counts worked out by hand."""

import pytest
import torch

from baseline_code.blocks import basic_block, squeeze_excitation


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def fill(layer, weight, bias):
    torch.nn.init.constant_(layer.weight, weight)
    torch.nn.init.constant_(layer.bias, bias)


def test_squeeze_and_excitation_scales_each_channel_by_a_share_of_all_means():
    block = squeeze_excitation(channels=2, reduction=2)  # one hidden unit
    fill(block.fc1, 0.5, 1.0)
    fill(block.fc2, 1.0, 0.0)
    with torch.no_grad():
        block.fc2.weight[1] = -1.0
    images = torch.tensor([[[[1.0, 3.0]], [[0.0, 4.0]]]])  # means 2 and 2: hidden 0.5 * 2 + 0.5 * 2 + 1 = 3
    expected = torch.sigmoid(torch.tensor([3.0, -3.0])).reshape(1, 2, 1, 1) * images
    torch.testing.assert_close(block(images), expected)


def test_its_hidden_layer_is_a_sixteenth():
    # 512 -> 32 -> 512 with biases: 512 * 32 + 32 + 32 * 512 + 512
    assert parameters(squeeze_excitation(512)) == 33_312


def test_its_hidden_layer_never_vanishes():
    assert squeeze_excitation(8, reduction=16).fc1.out_channels == 1


def test_a_reduction_of_nothing_is_refused():
    with pytest.raises(ValueError, match="expected a reduction >= 1, got 0"):
        squeeze_excitation(8, reduction=0)


def test_a_basic_block_has_two_convolutions_and_a_shortcut():
    # 3 * 64 * 9 + 64 * 64 * 9 + 3 * 64, and three normalisations of 2 * 64
    assert parameters(basic_block(3, 64)) == 1_728 + 36_864 + 192 + 384


def test_a_basic_blocks_shortcut_is_one_by_one_and_the_sum_is_rectified():
    block = basic_block(1, 2).eval()
    for parameter in (block.conv1.weight, block.conv2.weight):
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        block.downsample[0].weight[:] = torch.tensor([2.0, -1.0]).reshape(2, 1, 1, 1)
    images = torch.tensor([[[[1.0, 5.0]]]])
    expected = torch.tensor([[[[2.0, 10.0]], [[0.0, 0.0]]]])  # a fresh normalisation divides by sqrt(1 + 1e-5)
    torch.testing.assert_close(block(images), expected, rtol=1e-4, atol=0)
