"""LSTM and GRU, by torch's own kernels, one member after the other."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from .network import Mixer, zeros


class Recurrent(Mixer):
    """One recurrent layer, which the residual stream goes around as it does in every network here.

    Arguments:
        width: d of the input and of the hidden state.
        kind: "lstm" or "gru".
    """

    def __init__(self, width: int, kind: str) -> None:
        super().__init__()
        self.kind, rows = kind, {"lstm": 4, "gru": 3}[kind] * width
        bound = 1 / math.sqrt(width)

        def fresh(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.empty(1, *shape).uniform_(-bound, bound))

        self.weight_ih, self.weight_hh = fresh(rows, width), fresh(rows, width)
        self.bias_ih, self.bias_hh = fresh(rows), fresh(rows)

    def start(self, members: int, batch: int) -> tuple[Tensor, ...]:
        nothing = zeros(self.weight_hh, members, batch, self.weight_hh.shape[2])
        return (nothing, nothing) if self.kind == "lstm" else (nothing,)

    def run(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        # Biases, layers, dropout, training, bidirectional, batch first.
        flags: tuple[Any, ...] = (True, 1, 0.0, self.training, False, True)
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        found: list[tuple[Tensor, ...]] = []
        for member in range(x.shape[0]):
            before = tuple(part[member : member + 1] for part in state)
            own = [weight[member] for weight in weights]
            if self.kind == "lstm":
                found.append(torch.lstm(x[member], before, own, *flags))
            else:
                found.append(torch.gru(x[member], before[0], own, *flags))
        outputs, *after = zip(*found, strict=True)
        return torch.stack(outputs), tuple(torch.cat(part) for part in after)
