"""Weights from elsewhere, fitted strictly to a network: every tensor is found, or the first misfits are named."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import timm
import torch
from torch import Tensor, nn

from baseline_code.weights.errors import PretrainedWeightsError

_log = logging.getLogger(__name__)

COUNTER = "num_batches_tracked"  # of batch normalisation: older and converted files lack it, and nothing here reads it
_BODY = "backbone."


class Given(NamedTuple):
    """A state dict, sorted by what its tensors belong to."""

    body: dict[str, Tensor]  # of the backbone, by the backbone's names
    head: dict[str, Tensor]  # of the classifier behind the backbone, by the classifier's names
    outside: list[str]  # names of what belongs to neither, such as a decoder behind the backbone


def load_backbone(backbone: nn.Module, state: Mapping[str, Tensor], *, name: str, source: str) -> None:
    """Gives a backbone every one of its tensors; logs one line of what was taken and what was left over.

    Args:
        backbone: the network without its classifier, or as a feature extractor.
        state: of the same network: timm's or torchvision's classifier, a backbone, or a module that holds one.
        name: the network's name.
        source: what to call the origin in the log and in errors: a file's path, say.

    Raises:
        PretrainedWeightsError: if a tensor is missing or has another shape, or one of the backbone's part has no place.
            Only what timm's network of that name has behind the backbone may be left over, and only the batch counters
            of normalisation layers may be missing.
    """
    given = sort_weights(state)
    left_over = _fill(backbone, given.body, name, source)
    _report(source, f"{len(backbone.state_dict())} tensors into {name}", [*left_over, *given.head, *given.outside])


def load_classifier(network: nn.Module, state: Mapping[str, Tensor], *, name: str, source: str) -> None:
    """Gives a classifier every tensor of its backbone, and those of its head where the file has the same head.

    A head with another number of outputs, or none at all, is no error, but a warning says that this one starts anew.

    Args:
        network: with a `backbone`; everything beside it counts as its head.
        state: see `load_backbone`.
        name: the network's name.
        source: what to call the origin.

    Raises:
        PretrainedWeightsError: see `load_backbone`.
    """
    given = sort_weights(state)
    backbone = network.get_submodule(_BODY.rstrip("."))
    left_over = _fill(backbone, given.body, name, source)
    last_layer = _last_layer_in_timm(name)
    offered = given.head | {ours: given.body[theirs] for ours, theirs in last_layer.items() if theirs in given.body}
    taken = set()
    for part, module in network.named_children():
        if module is not backbone and next(module.parameters(), None) is not None:
            taken |= _fill_part(module, part, offered, name, source)
    left_over += [key for key in given.head if key not in taken]
    used = {last_layer[ours] for ours in taken if ours in last_layer}
    left_over = [key for key in left_over if key not in used]
    count = len(backbone.state_dict()) + len(taken)
    _report(source, f"{count} tensors into {name}", [*left_over, *given.outside])


def sort_weights(state: Mapping[str, Tensor]) -> Given:
    """Sorts a state dict: of a module that holds a `backbone` at any depth, or of timm's classifier."""
    places = (f".{key}".find(f".{_BODY}") for key in state)
    first, place = next(((key, place) for key, place in zip(state, places, strict=True) if place >= 0), ("", 0))
    prefix = first[:place]  # of the network whose backbone it is: `network.`, say
    inside = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    outside = [key for key in state if not key.startswith(prefix)]
    if not any(key.startswith(_BODY) for key in inside):
        return Given(inside, {}, outside)
    body = {key.removeprefix(_BODY): value for key, value in inside.items() if key.startswith(_BODY)}
    return Given(body, {key: value for key, value in inside.items() if not key.startswith(_BODY)}, outside)


def _fill(backbone: nn.Module, body: Mapping[str, Tensor], name: str, source: str) -> list[str]:
    """Loads all of a backbone's tensors; returns the names that are left over."""
    own = backbone.state_dict()
    counters = {_flattened(key): value for key, value in own.items() if key.endswith(COUNTER)}
    given = counters | {_flattened(key): value for key, value in body.items()}
    wrong = [key for key, value in own.items() if getattr(given.get(_flattened(key)), "shape", None) != value.shape]
    places = {_flattened(key) for key in own}
    left_over = [key for key in body if _flattened(key) not in places]
    behind = {_flattened(key) for key in _names_in_timm(name)}
    unexpected = [key for key in left_over if _flattened(key) not in behind]
    if wrong or unexpected:
        first = [_misfit(key, own[key], given.get(_flattened(key))) for key in wrong[:3]] + list(map(repr, unexpected))
        raise PretrainedWeightsError(
            f"{source} does not fit {name}: {len(wrong)} of {len(own)} weights are missing or of another shape and "
            f"{len(unexpected)} have no place; first: {', '.join(first[:3])}. "
            "It must hold the weights of the same network, with the same stem (models.network.small_input)"
        )
    backbone.load_state_dict({key: given[_flattened(key)] for key in own})
    return left_over


def _misfit(key: str, own: Tensor, given: Tensor | None) -> str:
    return f"{key!r} " + ("missing" if given is None else f"{tuple(given.shape)} for {tuple(own.shape)}")


def _fill_part(module: nn.Module, part: str, offered: Mapping[str, Tensor], name: str, source: str) -> set[str]:
    """Loads all of a part's tensors, or says that it starts anew; returns the names that were taken."""
    own = module.state_dict()
    found = {key: offered[f"{part}.{key}"] for key in own if f"{part}.{key}" in offered}
    if _shapes(found) == _shapes(own):
        module.load_state_dict(found)
        return {f"{part}.{key}" for key in own}
    there, here = ([f"{key} {shape}" for key, shape in _shapes(state).items()] for state in (found, own))
    _log.warning(
        "%s: the %s of %s starts from random weights: expected %s, the file has %s",
        source,
        part,
        name,
        ", ".join(here),
        ", ".join(there) or "none",
    )
    return set()


def _shapes(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in state.items()}


def _flattened(key: str) -> str:
    """`stages.0.blocks` -> `stages_0.blocks`: timm's feature extractors name the parts of some networks like this."""
    first, _, rest = key.partition(".")
    return f"{first}_{rest}" if rest.partition(".")[0].isdigit() else key


def _names_in_timm(name: str) -> Iterable[str]:
    """The names of all weights of timm's classifier; none for a network that timm lacks."""
    if not timm.is_model(name):
        return ()
    with torch.device("meta"):
        return timm.create_model(name).state_dict().keys()


def _last_layer_in_timm(name: str) -> dict[str, str]:
    """Our names of the last layer's weights -> those in timm's classifier; none for a network that timm lacks."""
    settings = timm.get_pretrained_cfg(name) if timm.is_model(name) else None
    layer = settings.classifier if settings else None
    return {f"head.{kind}": f"{layer}.{kind}" for kind in ("weight", "bias")} if isinstance(layer, str) else {}


def _report(source: str, taken: str, left_over: Iterable[str]) -> None:
    parts = Counter(key.partition(".")[0] for key in left_over)
    listed = ", ".join(f"{part} ({count})" for part, count in sorted(parts.items())) or "nothing"
    _log.info("%s: %s; left over: %s", source, taken, listed)
