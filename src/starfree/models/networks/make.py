"""The networks by name, and ensembles of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import nn

from ...errors import BadInput
from .attention import Attention, FeedForward, sinusoids
from .deltanet import DeltaMixer
from .mamba import Mamba2Mixer, MambaMixer
from .network import Mixer, Network
from .recurrent import Recurrent
from .s4d import S4DMixer

Mixers = Callable[[int, int], Sequence[Mixer]]  # of one layer, from the width and the number of layers

_MIXERS: dict[str, Mixers] = {
    "mamba": lambda width, layers: [MambaMixer(width, layers)],
    "mamba-signed": lambda width, layers: [MambaMixer(width, layers, signed=True)],
    "mamba2": lambda width, layers: [Mamba2Mixer(width, layers)],
    "mamba2-signed": lambda width, layers: [Mamba2Mixer(width, layers, signed=True)],
    "s4d": lambda width, layers: [S4DMixer(width)],
    "gru": lambda width, layers: [Recurrent(width, "gru")],
    "lstm": lambda width, layers: [Recurrent(width, "lstm")],
    "transformer": lambda width, layers: [Attention(width), FeedForward(width)],
    "transformer-sin": lambda width, layers: [Attention(width), FeedForward(width)],
    "deltanet": lambda width, layers: [DeltaMixer(width)],
    "deltanet-negative": lambda width, layers: [DeltaMixer(width, most=2.0)],
}
MODELS = tuple(_MIXERS)
MOST_PARAMETERS = 1_000_000_000  # of one network


def make(
    name: str, tokens: int, *, layers: int, width: int, seeds: Sequence[int], outputs: int | None = None
) -> Network:
    """Return an ensemble with one member a seed, each as it would be made alone.

    Arguments:
        name: one of `MODELS`.
        tokens: size of the vocabulary.
        layers: at least 1.
        width: of the residual stream, at least 1.
        seeds: of the members; the same seed gives the same initial weights.
        outputs: logits at each position; None means one for each token.

    Raises:
        BadInput: when there is no network of that name.

    Complexity: linear in the number of parameters.

    >>> make("mamba", 6, layers=1, width=16, seeds=[0, 1]).parameters_each
    3584
    """
    if name not in _MIXERS:
        raise BadInput(f"model {name}", "there is no such network", f"Use one of {', '.join(MODELS)}.")
    mixers, waves = partial(_MIXERS[name], width, layers), partial(sinusoids, width)
    positions = waves if name == "transformer-sin" else None
    alone = []
    for seed in seeds:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            alone.append(Network(tokens, width, layers, mixers, outputs=outputs, positions=positions))
    return stack(alone)


def number_of_parameters(name: str, tokens: int, *, layers: int, width: int) -> int:
    """Return how many parameters a network has, without making room for them."""
    with torch.device("meta"):
        return make(name, tokens, layers=layers, width=width, seeds=[0]).parameters_each


def width_for(name: str, tokens: int, *, layers: int, parameters: int) -> int:
    """Return the width, a multiple of 4, whose number of parameters is nearest to one that is asked for.

    Raises:
        BadInput: as `make`; when there are more parameters even at the least width; for more than
            `MOST_PARAMETERS`.

    >>> width_for("lstm", 6, layers=1, parameters=10_000)
    32
    """

    def size(width: int) -> int:
        return number_of_parameters(name, tokens, layers=layers, width=width)

    if parameters > MOST_PARAMETERS:
        why = f"are too many: at most {MOST_PARAMETERS:,}"
        raise BadInput(f"{parameters} parameters", why, "Ask for fewer.")
    if size(4) > parameters:
        what, why = f"{parameters} parameters", f"are fewer than the {size(4)} of a {name} of width 4"
        raise BadInput(what, why, "Ask for more.")
    low, high = 1, 2  # in steps of 4
    while size(4 * high) < parameters:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if size(4 * middle) < parameters else (low, middle)
    return 4 * min((low, high), key=lambda steps: abs(size(4 * steps) - parameters))


def stack(networks: Sequence[Network]) -> Network:
    """Return one ensemble of the members of several of the same shape; the first is changed into it."""
    first = networks[0]
    for name, _ in list(first.named_parameters()):
        every = [dict(network.named_parameters())[name].data for network in networks]
        _replace(first, name, torch.cat(every))
    return first


def select(network: Network, members: Sequence[int]) -> None:
    """Keep only some members of an ensemble, in the order given."""
    for name, parameter in list(network.named_parameters()):
        _replace(network, name, parameter.data[list(members)])


def _replace(network: nn.Module, name: str, value: torch.Tensor) -> None:
    path, _, leaf = name.rpartition(".")
    setattr(network.get_submodule(path), leaf, nn.Parameter(value))
