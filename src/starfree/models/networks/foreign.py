"""A user's own network as an ensemble: one copy after the other, each with its own weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .factories import check_module, factory_named, made


class Foreign(nn.Module):
    """Members of a class that is not ours.

    Arguments:
        modules: one a member, of the same shape: tokens `(B, T)` become logits `(B, T, V)`. Buffers are
            those of the first.
    """

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        super().__init__()
        self._shape = [modules[0]]  # in a list, so that its parameters are not registered as ours
        names = [name for name, _ in modules[0].named_parameters()]
        every = [dict(module.named_parameters()) for module in modules]
        self._names = {name: name.replace(".", "/") for name in names}
        self.weights = nn.ParameterDict(
            {self._names[name]: torch.stack([own[name].data for own in every]) for name in names}
        )

    @property
    def members(self) -> int:
        """The number E of models in the ensemble."""
        return len(next(iter(self.weights.values())))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        device: torch.device = next(iter(self.weights.values())).device
        return device

    @property
    def parameters_each(self) -> int:
        """The number of parameters of one member."""
        return sum(weight[0].numel() for weight in self.parameters())

    def train(self, mode: bool = True) -> Foreign:
        """Set the mode of the module behind it too."""
        self._shape[0].train(mode)
        return super().train(mode)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the logits `(E, B, T, V)` after every token of `(E, B, T)`."""
        outputs = []
        for member, own in enumerate(tokens):
            weights = {name: self.weights[key][member] for name, key in self._names.items()}
            outputs.append(functional_call(self._shape[0], weights, (own,)))
        return torch.stack(outputs)


def foreign(spec: str, tokens: int, *, layers: int, width: int, seeds: Sequence[int]) -> Foreign:
    """Return an ensemble of what a user's factory makes.

    Arguments:
        spec: `module:factory`; the module is looked for in the working directory too. The factory is called
            as `factory(tokens, layers=..., width=...)`.
        tokens: size of the vocabulary.
        layers, width, seeds: as of `make`.

    Raises:
        BadInput: when there is no such factory, it fails, or what it makes is no causal network of logits.
    """
    factory = factory_named(spec)
    modules = []
    for seed in seeds:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            modules.append(made(spec, factory, tokens, layers=layers, width=width))
    check_module(spec, modules[0], tokens)
    return Foreign(modules)
