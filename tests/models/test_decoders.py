"""Decoders: what each joins with what, worked out on features of one constant channel."""

import pytest
import torch
from torch import nn

from ocr.models.decoder import AdaptiveScaleFusion, FPNDecoder, UNetDecoder, build_decoder


def constants(*values):
    """c2, c3, c4, c5 of a 32 x 64 image, one channel each, of one value each."""
    return [torch.full((1, 1, 8 // 2**i, 16 // 2**i), float(value)) for i, value in enumerate(values)]


def let_through(modules):
    for index in range(len(modules)):
        modules[index] = nn.Identity()


def channel_values(tensor):
    """The value of each channel; all positions must agree."""
    assert torch.equal(tensor, tensor[..., :1, :1].expand_as(tensor))
    return tensor[0, :, 0, 0].tolist()


def test_the_fpn_adds_from_the_top_down_and_joins_the_finest_first():
    decoder = FPNDecoder([1, 1, 1, 1], inner_channels=1, output_channels=1)
    let_through(decoder.laterals)
    let_through(decoder.outputs)
    joined = decoder(constants(1, 10, 100, 1000))
    assert joined.shape == (1, 4, 8, 16)
    # p5 = c5, p4 = c4 + p5, p3 = c3 + p4, p2 = c2 + p3; joined as p2, p3, p4, p5
    assert channel_values(joined) == [1111, 1110, 1100, 1000]


def test_the_unet_concatenates_what_comes_from_below_with_the_skip():
    decoder = UNetDecoder([1, 1, 1, 1], inner_channels=1, output_channels=1)
    for modules in (decoder.skips, decoder.merges, decoder.outputs):
        let_through(modules)
    joined = decoder(constants(1, 10, 100, 1000))
    # Without convolutions between, each level hands on everything from below and then its own.
    levels = [[1000, 100, 10, 1], [1000, 100, 10], [1000, 100], [1000]]
    assert channel_values(joined) == [value for level in levels for value in level]


def test_convolutions_have_the_papers_sizes():
    unet = UNetDecoder([8, 16, 32, 64], inner_channels=12, output_channels=5)
    assert [(merge[0].in_channels, merge[0].out_channels) for merge in unet.merges] == [(24, 12)] * 3
    assert [(skip[0].in_channels, skip[0].out_channels) for skip in unet.skips] == [(c, 12) for c in (8, 16, 32, 64)]
    fpn = FPNDecoder([4, 8, 16, 32], inner_channels=12, output_channels=6)
    assert {lateral[0].kernel_size for lateral in fpn.laterals} == {(1, 1)}
    assert [(output[0].in_channels, output[0].out_channels) for output in fpn.outputs] == [(12, 6)] * 4
    assert {output[0].kernel_size for output in fpn.outputs} == {(3, 3)}


def test_each_level_upsamples_to_the_place_that_it_came_from():
    decoder = FPNDecoder([1, 1, 1, 1], inner_channels=1, output_channels=1)
    let_through(decoder.laterals)
    let_through(decoder.outputs)
    features = constants(0, 0, 0, 0)
    features[3][0, 0, 0, 1] = 1.0  # c5 is 1 x 2: its right half is the image's right half
    top = decoder(features)[0, 3]
    assert top[:, 8:].eq(1).all()
    assert top[:, :8].eq(0).all()


@pytest.mark.parametrize("name", ["unet", "fpn", "rse_fpn", "rep_lk_fpn"])
def test_the_output_has_output_channels_for_each_of_four_levels_at_stride_4(name):
    decoder = build_decoder([4, 8, 16, 32], name=name, inner_channels=12, output_channels=8)
    features = [torch.randn(2, 4 * 2**i, 8 // 2**i, 16 // 2**i) for i in range(4)]
    assert decoder.out_channels == 32
    assert decoder(features).shape == (2, 32, 8, 16)


def test_scale_fusion_weighs_each_level_with_its_own_map():
    fusion = AdaptiveScaleFusion(channels=2, levels=2)
    for parameter in fusion.parameters():
        nn.init.zeros_(parameter)
    # With S' = 0 the spatial attention is sigmoid(0) = 0.5 in both channels; the levels' logits are 0.5 (3 + 1) = 2
    # and 0.5 (-3 - 1) = -2, their weights sigmoid(2) = 0.880797 and sigmoid(-2) = 0.119203.
    with torch.no_grad():
        fusion.weigh[0].weight[:] = torch.tensor([[3.0, 1.0], [-3.0, -1.0]]).view(2, 2, 1, 1)
    levels = torch.tensor([1.0, 10.0, 100.0, 1000.0]).view(1, 4, 1, 1).expand(1, 4, 3, 5)
    expected = [0.880797, 8.80797, 11.9203, 119.203]
    assert channel_values(fusion(levels)) == pytest.approx(expected, rel=1e-5)


def test_scale_fusion_only_ever_turns_levels_down():
    torch.manual_seed(0)
    levels = torch.rand(2, 8, 6, 6) + 0.5
    fraction = AdaptiveScaleFusion(channels=2, levels=4)(levels) / levels
    assert fraction.min() >= 0
    assert fraction.max() <= 1
    # one weight per level and position, shared by the level's channels, and not the same everywhere
    per_level = fraction.unflatten(1, (4, 2))
    torch.testing.assert_close(per_level[:, :, 0], per_level[:, :, 1])
    assert per_level.std(dim=(0, 1, 3, 4)).min() > 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "pan"}, "name to be unet, fpn, rse_fpn or rep_lk_fpn, got 'pan'"),
        *(
            ({"name": name, "adaptive_scale_fusion": True}, r"belongs to the FPN: set models\.decoder\.name=fpn")
            for name in ("unet", "rse_fpn")
        ),
    ],
)
def test_an_unknown_decoder_and_scale_fusion_without_an_fpn_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        build_decoder([1, 2, 3, 4], inner_channels=8, output_channels=4, **settings)
    assert isinstance(
        build_decoder([1, 2, 3, 4], name="fpn", inner_channels=8, output_channels=4, adaptive_scale_fusion=True).fusion,
        AdaptiveScaleFusion,
    )
