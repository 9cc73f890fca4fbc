"""The parts that networks are made of; each holds one set of parameters for every member."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ..scans import short_convolution


class Embedding(nn.Module):
    """A vector for each token: `weight (E, V, d)`; tokens `(E, ...)` become `(E, ..., d)`."""

    def __init__(self, tokens: int, width: int, deviation: float = 0.02) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, tokens, width) * deviation)

    def forward(self, tokens: Tensor) -> Tensor:
        members, rows, width = self.weight.shape
        offset = torch.arange(members, device=tokens.device).view(-1, *[1] * (tokens.dim() - 1)) * rows
        return nn.functional.embedding(tokens + offset, self.weight.reshape(members * rows, width))


class Linear(nn.Module):
    """A linear map: `weight (E, out, in)`; `(E, ..., in)` becomes `(E, ..., out)`."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__()
        bound = 1 / math.sqrt(inputs)
        self.weight = nn.Parameter(torch.empty(1, outputs, inputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(1, outputs)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        rows = x.flatten(1, -2)
        if self.bias is None:
            out = torch.bmm(rows, self.weight.mT)
        else:
            out = torch.baddbmm(self.bias[:, None], rows, self.weight.mT)
        shaped: Tensor = out.unflatten(1, x.shape[1:-1])
        return shaped


class RMSNorm(nn.Module):
    """Division by the root mean square: `weight (E, d)`."""

    def __init__(self, width: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon)
        return x * scale * spread(self.weight, x)


class ShortConvolution(nn.Module):
    """A causal convolution of each channel by itself, and silu: `weight (E, D, 1, K)`, `bias (E, D)`."""

    def __init__(self, channels: int, kernel: int, bias: bool = True) -> None:
        super().__init__()
        bound = 1 / math.sqrt(kernel)
        self.weight = nn.Parameter(torch.empty(1, channels, 1, kernel).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(1, channels).uniform_(-bound, bound)) if bias else None

    @property
    def reach(self) -> int:
        """How many earlier inputs it sees."""
        return self.weight.shape[-1] - 1

    def forward(self, x: Tensor, window: Tensor) -> tuple[Tensor, Tensor]:
        """Return silu of the outputs of `(E, B, T, D)` after a window, and the last `K - 1` inputs."""
        return short_convolution(x, self.weight[:, :, 0], self.bias, window)


def spread(vector: Tensor, like: Tensor) -> Tensor:
    """Return a vector of each member, `(E, d)`, shaped so that it meets `(E, ..., d)`."""
    return vector.view(vector.shape[0], *[1] * (like.dim() - 2), vector.shape[1])
