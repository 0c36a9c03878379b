"""RSE-FPN and RepLKFPN: shapes, the order of the levels, what differs between the two."""

import pytest
import torch
from torch import nn

from ocr.models.decoder import ResidualGateFPN, build_decoder

CHANNELS = [4, 8, 16, 32]


def features(height=32, width=64):
    return [torch.randn(2, count, height // s, width // s) for count, s in zip(CHANNELS, (4, 8, 16, 32), strict=True)]


@pytest.mark.parametrize("name", ["rse_fpn", "rep_lk_fpn"])
def test_the_output_is_at_stride_4(name):
    decoder = build_decoder(CHANNELS, name=name, inner_channels=12, output_channels=8)
    assert decoder.out_channels == 32
    assert decoder(features()).shape == (2, 32, 8, 16)


def test_the_coarsest_level_has_the_first_channels():
    decoder = ResidualGateFPN(CHANNELS, inner_channels=4, output_channels=4)
    given = features()
    before = decoder(given)
    given[0] = given[0] + 1  # the finest level reaches nothing but its own output
    after = decoder(given)
    assert torch.equal(before[:, :12], after[:, :12])
    assert not torch.equal(before[:, 12:], after[:, 12:])


def test_coarse_levels_are_added_to_fine_ones():
    decoder = ResidualGateFPN(CHANNELS, inner_channels=4, output_channels=4)
    given = features()
    before = decoder(given)
    given[3] = given[3] + 1
    assert not torch.equal(before[:, 12:], decoder(given)[:, 12:])


def test_only_rep_lk_fpn_has_large_depthwise_kernels_and_only_they_have_biases():
    def kernels(name):
        decoder = build_decoder(CHANNELS, name=name, inner_channels=8, output_channels=4, kernel_size=5)
        convolutions = [
            part for output in decoder.outputs for part in output[:1].modules() if isinstance(part, nn.Conv2d)
        ]
        return {(part.kernel_size[0], part.groups, part.bias is not None) for part in convolutions}

    assert kernels("rse_fpn") == {(3, 1, False)}
    assert kernels("rep_lk_fpn") == {(5, 8, True), (1, 1, False)}


def test_adaptive_scale_fusion_is_refused():
    with pytest.raises(ValueError, match="adaptive scale fusion belongs to the FPN"):
        build_decoder(CHANNELS, name="rse_fpn", inner_channels=8, output_channels=4, adaptive_scale_fusion=True)
