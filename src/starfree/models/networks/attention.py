"""The transformer: causal attention and a feed-forward map, without positions or with sinusoidal ones."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import gelu, scaled_dot_product_attention

from .network import Mixer, zeros
from .parts import Linear

Cache = tuple[Tensor, Tensor]  # keys and values of what was read


class Attention(Mixer):
    """Causal attention with softmax.

    Arguments:
        width: d, a multiple of the heads.
        heads: number of heads; None means one for each 16 of the width.
    """

    def __init__(self, width: int, *, heads: int | None = None) -> None:
        super().__init__()
        self.heads = math.gcd(width, max(1, width // 16)) if heads is None else heads
        self.read = Linear(width, 3 * width)
        self.out = Linear(width, width)

    def start(self, members: int, batch: int) -> Cache:
        head = self.out.weight.shape[1] // self.heads
        nothing = zeros(self.out.weight, members, batch, self.heads, 0, head)
        return nothing, nothing

    def forward(self, x: Tensor) -> Tensor:
        y = scaled_dot_product_attention(*self._split(x), is_causal=True)
        return self._joined(y)

    def run(self, x: Tensor, state: Cache) -> tuple[Tensor, Cache]:
        query, key, value = self._split(x)
        key, value = torch.cat([state[0], key], 3), torch.cat([state[1], value], 3)
        new, all_read = query.shape[3], key.shape[3]
        seen = torch.ones(new, all_read, dtype=torch.bool, device=x.device).tril(all_read - new)
        y = scaled_dot_product_attention(query, key, value, attn_mask=seen)
        return self._joined(y), (key, value)

    def _split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        parts = self.read(x).unflatten(-1, (3, self.heads, -1)).movedim(2, 4)  # (E, B, 3, h, T, head)
        query, key, value = parts.unbind(2)
        return query, key, value

    def _joined(self, y: Tensor) -> Tensor:
        out: Tensor = self.out(y.movedim(2, 3).flatten(-2))
        return out


class FeedForward(Mixer):
    """A map of each position by itself, four times as wide inside."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.up, self.down = Linear(width, 4 * width), Linear(4 * width, width)

    def start(self, members: int, batch: int) -> None:
        return None

    def run(self, x: Tensor, state: None) -> tuple[Tensor, None]:
        return self.down(gelu(self.up(x))), None


def sinusoids(width: int, offset: int, length: int) -> Tensor:
    """Return sines and cosines of the positions from an offset, `(length, width)`.

    Source: Vaswani et al., arXiv:1706.03762, section 3.5.
    """
    places = torch.arange(offset, offset + length, dtype=torch.float64)[:, None]
    rates = torch.exp(-math.log(1e4) * torch.arange(0, width, 2, dtype=torch.float64) / width)
    waves = torch.stack([torch.sin(places * rates), torch.cos(places * rates)], -1)
    return waves.flatten(1)[:, :width]
