"""DeltaNet: a matrix memory that is corrected by one Householder-like step for each symbol.

Source: Yang et al., arXiv:2406.06484; steps up to 2, so that eigenvalues reach -1: Grazzi et al.,
arXiv:2411.12537.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import normalize

from .network import Mixer, zeros
from .parts import Linear, RMSNorm, ShortConvolution

DeltaState = tuple[Tensor, Tensor]  # the window of the convolution; the memory of each head


class DeltaMixer(Mixer):
    """A memory S with S_t = S_{t-1} (I - b k k^T) + b v k^T and output S_t q.

    Arguments:
        width: d, a multiple of the heads.
        heads: number of heads; None means one for each 16 of the width.
        most: the largest step b: 1, or 2 for eigenvalues in [-1, 1].
        kernel: K, width of the convolution before keys, values and queries.
    """

    def __init__(self, width: int, *, heads: int | None = None, most: float = 1.0, kernel: int = 4) -> None:
        super().__init__()
        self.heads = math.gcd(width, max(1, width // 16)) if heads is None else heads
        self.most = most
        self.read = Linear(width, 3 * width, bias=False)
        self.conv1d = ShortConvolution(3 * width, kernel)
        self.steps = Linear(width, self.heads)
        self.norm = RMSNorm(width // self.heads)
        self.out = Linear(width, width, bias=False)

    def start(self, members: int, batch: int) -> DeltaState:
        width = self.out.weight.shape[1]
        head = width // self.heads
        window = zeros(self.out.weight, members, batch, self.conv1d.reach, 3 * width)
        return window, zeros(self.out.weight, members, batch, self.heads, head, head)

    def run(self, x: Tensor, state: DeltaState) -> tuple[Tensor, DeltaState]:
        window, memory = state
        parts, window = self.conv1d(self.read(x), window)
        query, key, value = parts.unflatten(-1, (3, self.heads, -1)).unbind(3)
        query, key = normalize(query, dim=-1), normalize(key, dim=-1)
        steps = (self.most * torch.sigmoid(self.steps(x)))[..., None]
        outputs = []
        for q, k, v, step in zip(*(part.unbind(2) for part in (query, key, value, steps)), strict=True):
            wrong = v - (memory @ k[..., None])[..., 0]
            memory = memory + (step * wrong)[..., None] * k[..., None, :]
            outputs.append((memory @ q[..., None])[..., 0])
        y = self.norm(torch.stack(outputs, 2))
        return self.out(y.flatten(-2)), (window, memory)
