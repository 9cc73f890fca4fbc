"""AdamW for an ensemble: every member has its own learning rate, gradient norm and moments.

Source: Loshchilov and Hutter, arXiv:1711.05101. All parameters are views of one matrix with a row for each
member, so that a step is a dozen operations however many parameters there are.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..models.networks import Ensemble

_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_FLOOR = 1e-6  # keeps the norm of a gradient of 0 apart from 0


class EnsembleAdamW:
    """The parameters of a network as one matrix `(E, P)`, and what AdamW keeps of them.

    Arguments:
        network: its parameters become views of the matrix.
        rates: the largest learning rate of each member, `(E,)`.
        weight_decay: of the weights that are decayed.
        clip: the largest norm of a member's gradient.
    """

    def __init__(self, network: Ensemble, rates: Tensor, weight_decay: float, clip: float) -> None:
        self.rates, self.clip = rates[:, None], clip
        named = list(network.named_parameters())
        self._weights = [weight for _, weight in named]
        self.values = torch.cat([weight.data.flatten(1) for _, weight in named], 1)
        self._sizes = [weight[0].numel() for _, weight in named]
        flags = [decayed(name, weight) for name, weight in named]
        self.decay = weight_decay * torch.cat(
            [torch.full((size,), float(flag)) for size, flag in zip(self._sizes, flags, strict=True)]
        ).to(self.values)
        self.first, self.second = torch.zeros_like(self.values), torch.zeros_like(self.values)
        self.steps = 0
        self._bind()

    def _bind(self) -> None:
        """Make every parameter a view of the matrix of values."""
        members, at = self.values.shape[0], 0
        for weight, size in zip(self._weights, self._sizes, strict=True):
            weight.data = self.values[:, at : at + size].view(members, *weight.shape[1:])
            at += size

    def zero_gradient(self) -> None:
        """Forget the gradients."""
        for weight in self._weights:
            weight.grad = None

    @staticmethod
    def _gradient(weight: Tensor) -> Tensor:
        return (torch.zeros_like(weight) if weight.grad is None else weight.grad).flatten(1)

    def step(self, factor: float) -> None:
        """Move every member along its gradient; the learning rates are multiplied by a factor."""
        self.steps += 1
        gradient = torch.cat([self._gradient(weight) for weight in self._weights], 1)
        gradient *= (self.clip / (gradient.norm(dim=1, keepdim=True) + _FLOOR)).clamp(max=1)
        rates = self.rates * factor
        self.values *= 1 - rates * self.decay
        self.first.lerp_(gradient, 1 - _BETAS[0])
        self.second.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
        scale = math.sqrt(1 - _BETAS[1] ** self.steps)
        moved = self.first / (self.second.sqrt() / scale + _EPSILON)
        self.values -= rates / (1 - _BETAS[0] ** self.steps) * moved

    def keep(self, members: list[int]) -> None:
        """Keep only some members, in the order given."""
        self.values, self.first, self.second = (
            part[members].clone() for part in (self.values, self.first, self.second)
        )
        self.rates = self.rates[members]
        self._bind()

    def load(self, values: Tensor) -> None:
        """Put other weights in place of these, `(E, P)` for whatever number of members; moments are lost."""
        self.values = values
        self.first, self.second = torch.zeros_like(values), torch.zeros_like(values)
        self._bind()

    def to_state(self) -> dict[str, object]:
        """Return what a checkpoint needs."""
        return {"values": self.values, "first": self.first, "second": self.second, "steps": self.steps}

    def from_state(self, state: dict[str, object]) -> None:
        """Go on from a checkpoint of the same members."""
        for name in ("values", "first", "second"):
            getattr(self, name).copy_(state[name])
        self.steps = int(state["steps"])  # type: ignore[call-overload]


def decayed(name: str, weight: Tensor) -> bool:
    """Say whether a parameter is pulled towards 0: maps, embeddings and convolutions; no norms, no rates."""
    leaf = name.rpartition(".")[2]
    return weight.dim() > 2 and (leaf.startswith("weight") or leaf == "C")


def learning_rate_factor(step: int, warm_up: int, steps: int) -> float:
    """Return what the learning rate is multiplied by at a step, from 0: a ramp, then half a cosine.

    >>> [round(learning_rate_factor(s, 10, 110), 3) for s in (0, 9, 10, 60, 109)]
    [0.1, 1.0, 1.0, 0.5, 0.0]
    """
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))
