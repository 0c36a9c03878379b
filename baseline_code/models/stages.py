"""A network's stages, from the stem to the last: what is frozen and unfrozen as one."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

_LISTS_OF_STAGES = ("blocks", "stages", "layers")


def network_stages(network: nn.Module) -> list[nn.Module]:
    """The parts of a network that run one after the other; together they hold all of its weights.

    Single layers beside each other are one stage (the stem, usually); the members of `blocks`, `stages` or `layers` are
    a stage each, and so is any other part. Parts without weights are left out, but inside others.

    Args:
        network: a timm network or feature extractor, or a sequence of stages.

    Returns:
        The stages, first to last: the stem and `layer1` to `layer4` of a ResNet, say.

    Raises:
        ValueError: if the network holds weights outside its parts, as vision transformers do.
    """
    if next(network.parameters(recurse=False), None) is not None:
        raise ValueError(
            f"expected a network of stages, got {type(network).__name__}, which has weights beside its parts"
        )
    stages: list[nn.Module] = []
    single_layers: list[nn.Module] = []
    for part in _parts(network):
        if _is_single_layer(part):
            single_layers.append(part)
            continue
        if single_layers:
            stages.append(nn.ModuleList(single_layers))
            single_layers = []
        stages.append(part)
    return [*stages, nn.ModuleList(single_layers)] if single_layers else stages


def _parts(network: nn.Module) -> Iterator[nn.Module]:
    for name, part in network.named_children():
        members = part.children() if name in _LISTS_OF_STAGES else (part,)
        yield from (member for member in members if next(member.parameters(), None) is not None)


def _is_single_layer(part: nn.Module) -> bool:
    return all(next(child.parameters(), None) is None for child in part.children())
