"""The ssm as a torch module: one step at a time, or a whole sequence by a parallel scan.

Registers are 0 or 1 and their gates are -1, 0 or 1, so every association of the scan gives the same bits. A
delay cell holds `code + 2^-16 * older code` with codes of at least 1: what is older still lies below half a
unit in the last place of float32, and rounds away wherever the brackets stand. So float32 is exact, scan and
recurrence alike, bit for bit. (float64 is not: it keeps what is older, and the network that reads the delay
expects whole codes.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import numpy as np

from ..errors import BadInput, MissingDependency
from .fixed import Linear, Reals
from .ssm import SSM, Layer

try:
    import torch
    from torch import Tensor, nn
except ImportError as error:  # pragma: no cover - exercised where torch is absent
    raise MissingDependency(
        "the torch module", "torch is not installed", "Run `pip install starfree[torch]`."
    ) from error

EXACT_DTYPE = torch.float32
Scan = Callable[[Tensor, Tensor, Tensor], Tensor]


def _exact(values: Reals) -> Tensor:
    return torch.tensor(values, dtype=EXACT_DTYPE)


def _linear(linear: Linear) -> nn.Linear:
    module = nn.Linear(linear.weight.shape[1], linear.weight.shape[0], device="meta")
    module.weight = nn.Parameter(_exact(linear.weight))
    module.bias = nn.Parameter(_exact(linear.bias))
    return module


class _Block(nn.Module):
    """One layer; see docs/certificates.md for the shapes."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.cells = len(layer.cells)
        self.inner, self.gate, self.write = _linear(layer.inner), _linear(layer.gate), _linear(layer.write)
        self.mix_in, self.mix_out = _linear(layer.mix_in), _linear(layer.mix_out)

    def gates(self, z: Tensor, before: Tensor | None) -> tuple[Tensor, Tensor]:
        u = torch.relu(self.inner(z if before is None else torch.cat([z, before], dim=-1)))
        return self.gate(u), self.write(u)

    def mix(self, h: Tensor, z: Tensor) -> Tensor:
        out: Tensor = z + self.mix_out(torch.relu(self.mix_in(torch.cat([h, z], dim=-1))))
        return out


class TorchSSM(nn.Module):
    """A built model in torch, float32.

    Arguments:
        model: the model with its exact weights, nonnegative or signed gates.

    Raises:
        BadInput: for complex gates and for blocks.

    Inputs are token ids, shape `(batch, time)`, in the order of `model.alphabet`; BOS is added by the module.
    Outputs are logits, shape `(batch, time + 1, k + 1)`: after every prefix, END last; legal means positive.

    >>> import starfree
    >>> from starfree.models.torch_ssm import TorchSSM
    >>> net = TorchSSM(starfree.build("(ab)*"))
    >>> (net(torch.tensor([[0, 1]]))[0] > 0).tolist()
    [[True, False, True], [False, True, False], [True, False, True]]
    """

    def __init__(self, model: SSM) -> None:
        super().__init__()
        if model.grouped:
            why = (
                f"its {model.gates} gates turn numbers of the state together, and the scan scales each alone"
            )
            raise BadInput("this model in torch", why, "Use one with nonnegative or signed gates.")
        self.shift, self.bos = model.shift, len(model.alphabet)
        self.embedding = nn.Embedding(self.bos + 1, model.width, _weight=_exact(model.embedding))
        self.layers = nn.ModuleList(_Block(layer) for layer in model.layers)
        self.head = _linear(model.head)

    @property
    def blocks(self) -> Iterator[_Block]:
        """The layers, in order."""
        return cast("Iterator[_Block]", iter(self.layers))

    def initial_state(self, batch: int) -> list[Tensor]:
        """Return the state before BOS: per layer, with shift the residual before, then the cells."""
        zeros = self.embedding.weight.new_zeros
        sizes = [
            n for block in self.blocks for n in ([self.embedding.embedding_dim] * self.shift + [block.cells])
        ]
        return [zeros(batch, n) for n in sizes]

    def step(self, tokens: Tensor, state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Advance by one token per sequence: `(batch,)` -> logits `(batch, k + 1)` and the new state."""
        z, new, rest = self.embedding(tokens), [], iter(state)
        for block in self.blocks:
            before = next(rest) if self.shift else None
            if self.shift:
                new.append(z)
            a, b = block.gates(z, before)
            h = a * next(rest) + b
            new.append(h)
            z = block.mix(h, z)
        logits: Tensor = self.head(z)
        return logits, new

    def forward(
        self,
        tokens: Tensor,
        *,
        state: list[Tensor] | None = None,
        parallel: bool = True,
        chunk: int = 1 << 14,
    ) -> Tensor:
        """Run whole sequences, layer by layer, in chunks of time that bound the memory.

        Arguments:
            tokens: shape `(batch, time)`.
            state: continue after a state (no BOS is added then); it is updated in place.
            parallel: by the scan, else step by step; the bits are the same.
        """
        if state is None:
            state = self.initial_state(len(tokens))
            tokens = torch.cat([tokens.new_full((len(tokens), 1), self.bos), tokens], dim=1)
        run = scan if parallel else sequential_scan
        parts = range(0, tokens.shape[1], chunk)
        return torch.cat([self._chunk(tokens[:, at : at + chunk], state, run) for at in parts], dim=1)

    def _chunk(self, tokens: Tensor, state: list[Tensor], run: Scan) -> Tensor:
        z, at = self.embedding(tokens), 0
        for block in self.blocks:
            before = None
            if self.shift:
                before = torch.cat([state[at].unsqueeze(1), z[:, :-1]], dim=1)
                state[at] = z[:, -1]
                at += 1
            a, b = block.gates(z, before)
            h = run(a, b, state[at])
            state[at] = h[:, -1]
            at += 1
            z = block.mix(h, z)
        logits: Tensor = self.head(z)
        return logits


def scan(a: Tensor, b: Tensor, h: Tensor) -> Tensor:
    """Return all h_t = a_t * h_{t-1} + b_t, by doubling.

    Arguments:
        a, b: shape `(batch, time, n)`.
        h: shape `(batch, n)`, the state before.

    Complexity: O(time log time) work in log2(time) vectorised steps; `sequential_scan` is its slow twin.
    """
    b = b.clone()
    b[:, 0] += a[:, 0] * h
    reach = 1
    while reach < b.shape[1]:
        b = torch.cat([b[:, :reach], a[:, reach:] * b[:, :-reach] + b[:, reach:]], dim=1)
        a = torch.cat([a[:, :reach], a[:, reach:] * a[:, :-reach]], dim=1)
        reach *= 2
    return b


def sequential_scan(a: Tensor, b: Tensor, h: Tensor) -> Tensor:
    """The same, one step at a time."""
    out = []
    for a_t, b_t in zip(a.unbind(1), b.unbind(1), strict=True):
        h = torch.addcmul(b_t, a_t, h)
        out.append(h)
    return torch.stack(out, dim=1)


def encode(model: SSM, words: list[tuple[str, ...]]) -> Tensor:
    """Return the token ids of words of equal length, shape `(words, length)`."""
    places = {symbol: i for i, symbol in enumerate(model.alphabet)}
    return torch.from_numpy(np.array([[places[symbol] for symbol in word] for word in words], np.int64))
