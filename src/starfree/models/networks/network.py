"""What every network is: an embedding, blocks on a residual stream, a norm, and a head.

The names of the parameters are those of a Hugging Face Mamba, without the leading dimension of the members.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from .parts import Embedding, Linear, RMSNorm

State = list[Any]  # one entry a block, whatever it carries from one symbol to the next


class Mixer(nn.Module, ABC):
    """The part of a block that looks back: it maps `(E, B, T, d)` to the same shape, left to right."""

    @abstractmethod
    def start(self, members: int, batch: int) -> Any:
        """Return what is carried before the first symbol."""

    @abstractmethod
    def run(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Return the outputs for a stretch of symbols, and what is carried after it."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs from the start; a mixer may have a faster way to them than `run`."""
        return self.run(x, self.start(x.shape[0], x.shape[1]))[0]


class Block(nn.Module):
    """A norm, a mixer, and the sum with what came in."""

    def __init__(self, width: int, mixer: Mixer, epsilon: float) -> None:
        super().__init__()
        self.norm = RMSNorm(width, epsilon)
        self.mixer = mixer

    def forward(self, x: Tensor) -> Tensor:
        return x + self.mixer(self.norm(x))  # type: ignore[no-any-return]

    def run(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        y, state = self.mixer.run(self.norm(x), state)
        return x + y, state


class Backbone(nn.Module):
    """All but the head."""

    norm_f: RMSNorm

    def __init__(self, tokens: int, width: int, mixers: Sequence[Mixer], epsilon: float) -> None:
        super().__init__()
        self.embeddings = Embedding(tokens, width)
        self.layers = nn.ModuleList(Block(width, mixer, epsilon) for mixer in mixers)
        self.norm_f = RMSNorm(width, epsilon)


class Network(nn.Module):
    """A sequence model: token ids in, logits out, one symbol after the other or many at once.

    Arguments:
        tokens: size of the vocabulary.
        outputs: logits at each position; None means one for each token.
        width: of the residual stream.
        layers: number of layers.
        mixers: makes the mixers of one layer, each of which becomes a block.
        epsilon: of the norms.
        positions: from an offset and a length, what is added to the embeddings: shape `(length, width)`.

    `network(tokens)` is what stepping gives, up to rounding.
    """

    def __init__(
        self,
        tokens: int,
        width: int,
        layers: int,
        mixers: Callable[[], Sequence[Mixer]],
        *,
        outputs: int | None = None,
        epsilon: float = 1e-5,
        positions: Callable[[int, int], Tensor] | None = None,
    ) -> None:
        super().__init__()
        blocks = [mixer for _ in range(layers) for mixer in mixers()]
        self.backbone = Backbone(tokens, width, blocks, epsilon)
        self.lm_head = Linear(width, tokens if outputs is None else outputs, bias=False)
        self._positions = positions

    @property
    def members(self) -> int:
        """The number E of models in the ensemble."""
        return int(self.lm_head.weight.shape[0])

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.lm_head.weight.device

    @property
    def parameters_each(self) -> int:
        """The number of parameters of one member."""
        return sum(weight[0].numel() for weight in self.parameters())

    @property
    def blocks(self) -> list[Block]:
        """The blocks, from the embedding to the head."""
        return list(self.backbone.layers)  # type: ignore[arg-type]

    def start(self, batch: int) -> State:
        """Return the state before the first token, for a batch of each member."""
        return [0, *(block.mixer.start(self.members, batch) for block in self.blocks)]

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the logits `(E, B, T, V)` after every token of `(E, B, T)`."""
        x = self._embedded(tokens, 0)
        for block in self.blocks:
            x = block(x)
        return self._read(x)

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Return the logits `(E, B, V)` after one more token each, `(E, B)`, and the state then."""
        logits, state = self.run(tokens[..., None], state)
        return logits[:, :, 0], state

    def run(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Return the logits of a stretch that goes on from a state, and the state after it."""
        place, *carried = state
        x = self._embedded(tokens, place)
        after: State = [place + tokens.shape[2]]
        for block, before in zip(self.blocks, carried, strict=True):
            x, kept = block.run(x, before)
            after.append(kept)
        return self._read(x), after

    def _embedded(self, tokens: Tensor, place: int) -> Tensor:
        x: Tensor = self.backbone.embeddings(tokens)
        if self._positions is not None:
            x = x + self._positions(place, tokens.shape[2]).to(x)
        return x

    def _read(self, x: Tensor) -> Tensor:
        logits: Tensor = self.lm_head(self.backbone.norm_f(x))
        return logits


class Ensemble(Protocol):
    """What can be trained: members whose parameters have a leading dimension, one entry a member."""

    @property
    def members(self) -> int:
        """Their number E."""

    @property
    def device(self) -> torch.device:
        """Where the weights are."""

    @property
    def parameters_each(self) -> int:
        """The number of parameters of one member."""

    def __call__(self, tokens: Tensor) -> Tensor:
        """Return the logits `(E, B, T, V)` after every token of `(E, B, T)`."""

    def to(self, device: str) -> Any:
        """Move the weights."""

    def train(self, mode: bool = True) -> Any:
        """Get ready for training, or for use."""

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Yield the parameters, each with its name."""


def zeros(like: Tensor, *shape: int) -> Tensor:
    """Return zeros of a shape, on the device and of the dtype of a parameter."""
    return torch.zeros(shape, device=like.device, dtype=like.dtype)
