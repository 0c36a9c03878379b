"""RSE-FPN and RepLKFPN: shapes, the order of the levels, what differs between the two."""

import pytest
import torch
from torch import nn

from ocr.models.decoder import ResidualGateFPN, build_decoder

CHANNELS = [4, 8, 16, 32]


def features(height=32, width=64):
    return [torch.randn(2, count, height // s, width // s) for count, s in zip(CHANNELS, (4, 8, 16, 32), strict=True)]


def test_the_coarsest_level_has_the_first_channels_and_is_added_to_the_finer_ones():
    decoder = ResidualGateFPN(CHANNELS, inner_channels=4, output_channels=4)
    given = features()
    before = decoder(given)
    finest = decoder([given[0] + 1, *given[1:]])  # reaches nothing but its own output
    assert torch.equal(before[:, :12], finest[:, :12])
    assert not torch.equal(before[:, 12:], finest[:, 12:])
    coarsest = decoder([*given[:3], given[3] + 1])
    assert not torch.equal(before[:, 12:], coarsest[:, 12:])


def test_only_rep_lk_fpn_has_large_depthwise_kernels_and_only_they_have_biases():
    def kernels(name):
        decoder = build_decoder(CHANNELS, name=name, inner_channels=8, output_channels=4, kernel_size=5)
        convolutions = [
            part for output in decoder.outputs for part in output[:1].modules() if isinstance(part, nn.Conv2d)
        ]
        return {(part.kernel_size[0], part.groups, part.bias is not None) for part in convolutions}

    assert kernels("rse_fpn") == {(3, 1, False)}
    assert kernels("rep_lk_fpn") == {(5, 8, True), (1, 1, False)}


def test_a_kernel_without_a_middle_is_refused():
    with pytest.raises(ValueError, match=r"expected models\.decoder\.kernel_size to be odd, got 4"):
        build_decoder(CHANNELS, name="rep_lk_fpn", inner_channels=8, output_channels=4, kernel_size=4)
    build_decoder(CHANNELS, name="rse_fpn", inner_channels=8, output_channels=4, kernel_size=4)  # reads no kernel size


@pytest.mark.parametrize("name", ["rse_fpn", "rep_lk_fpn"])
@pytest.mark.parametrize(("channels", "given", "next_one"), [("inner_channels", 3, 4), ("output_channels", 6, 8)])
def test_channels_that_a_gate_cannot_quarter_are_refused(name, channels, given, next_one):
    """Of 3 channels a gate would have 3 // 4 = 0: nothing that it could learn."""
    sizes = {"inner_channels": 8, "output_channels": 4, channels: given}
    said = rf"expected models\.decoder\.{channels} to be a multiple of 4 .*, got {given}: take {next_one}"
    with pytest.raises(ValueError, match=said):
        build_decoder(CHANNELS, name=name, **sizes)
    assert build_decoder(CHANNELS, name="unet", **sizes).out_channels == 4 * sizes["output_channels"]
