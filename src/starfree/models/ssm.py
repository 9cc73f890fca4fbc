"""The paper's model with its weights: `h_t = A(x_t) * h_{t-1} + B(x_t)`, `z_t = phi(h_t, x_t)`, layers
stacked.

A, B and phi are networks in weights (Linear, ReLU, Linear), with a residual stream that carries named
coordinates. Some numbers of h may be grouped, as complex numbers or as blocks that gates turn: see
`starfree.models.rotations`. The saved form and its exact arithmetic are specified in docs/certificates.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..languages import LegalSet, Word
from .fixed import Fixed, Linear, Reals, relu
from .rotations import turned
from .saved import write_model
from .steps import accepts, legal_sets

FORMAT = "starfree-ssm-1"
TARGETS = {"nonnegative": "ssm", "signed": "signed", "complex": "complex", "cyclic": "complex"}
_ROWS = 1 << 10  # states advanced in one go: few enough for their values to stay in the cache


@dataclass(frozen=True, eq=False)
class Layer:
    """One block. With D the width of the residual stream and N the number of cells:

    Arguments:
        inner: `(U, D)`, or `(U, 2 D)` when the block also sees the step before; u = relu(inner(z)).
        gate: `(N, U)`, A = gate(u).
        write: `(N, U)`, B = write(u).
        mix_in: `(V, N + D)`, and `mix_out`: `(D, V)`; z' = z + mix_out(relu(mix_in([h; z]))).
        cells: N names, what each number of the state holds.
        blocks: how the N numbers are grouped, see `starfree.models.rotations`; empty when each is by itself.
        cut: which of the V units are cut off at 1, so that they are exact where their inputs are not; only in
            floating point.
    """

    inner: Linear
    gate: Linear
    write: Linear
    mix_in: Linear
    mix_out: Linear
    cells: tuple[str, ...]
    blocks: tuple[int, ...] = ()
    cut: tuple[int, ...] = ()


class Numbers(Protocol):
    """An arithmetic: what becomes of weights, and of each operation. Arrays are float64, or of objects."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def whole(self) -> float:
        """Sums and products of integers up to this size are not rounded, as long as they stay below it."""

    def stored(self, x: Reals) -> Reals:
        """Return weights as this arithmetic keeps them."""

    def linear(self, linear: Linear, x: Reals) -> Reals:
        """Return `x @ weight.T + bias`, for weights that are `stored`."""

    def multiply(self, x: Reals, y: Reals) -> Reals:
        """Return the elementwise product."""

    def add(self, x: Reals, y: Reals) -> Reals:
        """Return the elementwise sum."""

    def keys(self, states: Reals) -> NDArray[np.int64]:
        """Return integers that are the same for the same numbers only, in the shape given."""


class Stack(Protocol):
    """What `advance` reads of a model."""

    @property
    def shift(self) -> bool: ...
    @property
    def width(self) -> int: ...
    @property
    def layers(self) -> Sequence[Layer]: ...
    @property
    def head(self) -> Linear: ...


def advance(stack: Stack, numbers: Numbers, states: Reals, z: Reals) -> tuple[Reals, NDArray[np.bool_]]:
    """Return the new states and legal sets of models that read embeddings `z`, in some arithmetic.

    Arguments:
        states: shape `(m, state_size)`.
        z: shape `(m, D)`.
    """
    at = 0
    new = np.empty_like(states)
    for layer in stack.layers:
        seen = z
        if stack.shift:
            seen = np.concatenate([z, states[:, at : at + stack.width]], axis=1)
            new[:, at : at + stack.width] = z
            at += stack.width
        u = relu(numbers.linear(layer.inner, seen))
        n = len(layer.cells)
        gate, old = numbers.linear(layer.gate, u), states[:, at : at + n]
        kept = turned(gate, old, layer.blocks, numbers) if layer.blocks else numbers.multiply(gate, old)
        h = numbers.add(kept, numbers.linear(layer.write, u))
        new[:, at : at + n] = h
        at += n
        mixed = relu(numbers.linear(layer.mix_in, np.concatenate([h, z], axis=1)))
        z = numbers.add(z, numbers.linear(layer.mix_out, mixed))
    return new, (numbers.linear(stack.head, z) > 0).astype(np.bool_)


@dataclass(frozen=True, eq=False, repr=False)
class SSM:
    """A diagonal state space model, exact in FIX(p).

    Arguments:
        alphabet: k symbols.
        task: "recognise" or "predict".
        fraction_bits: p.
        shift: whether each block also sees its input one step before.
        embedding: shape `(k + 1, D)`, BOS last.
        layers: the blocks.
        head: `(k + 1, D)`: logits, END last; legal means positive.
        coordinates: D names, what each dimension of the residual stream holds.
        origin: what it was built from: the language's text, the cascade's kind, levels and bits.
        gates: what they are: "nonnegative", "signed", "complex", or "cyclic" (0/1 blocks that turn).

    The weights are made read-only, not copied: the arrays given are read-only from then on.
    """

    alphabet: tuple[str, ...]
    task: str
    fraction_bits: int
    shift: bool
    embedding: Reals
    layers: tuple[Layer, ...]
    head: Linear
    coordinates: tuple[str, ...]
    origin: dict[str, Any]
    gates: str = "nonnegative"

    def __post_init__(self) -> None:
        self.embedding.flags.writeable = False
        for _, linear in self.linears():
            linear.weight.flags.writeable = linear.bias.flags.writeable = False

    def __repr__(self) -> str:
        name = self.origin.get("language", "")
        kind = "" if self.gates == "nonnegative" else f", {self.gates} gates"
        return f"<SSM {name!r}: {len(self.layers)} layers, {self.parameters} parameters, {self.task}{kind}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SSM) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def _key(self) -> tuple[object, ...]:
        """What makes two models the same: the configuration that is run, and every bit of the weights."""
        tensors = tensors_of(self.embedding, self)
        weights = tuple((name, tensor.shape, tensor.tobytes()) for name, tensor in tensors)
        blocks = tuple(layer.blocks for layer in self.layers)
        return self.alphabet, self.task, self.fraction_bits, self.shift, self.gates, blocks, weights

    @property
    def target(self) -> str:
        """What `build` calls it."""
        return TARGETS[self.gates]

    @property
    def grouped(self) -> bool:
        """Whether some numbers of the state are grouped, so that gates do more than scale them."""
        return any(layer.blocks for layer in self.layers)

    @property
    def numbers(self) -> Numbers:
        """The arithmetic that the model computes in, FIX(p)."""
        return Fixed(self.fraction_bits)

    @property
    def arithmetic(self) -> str:
        return self.numbers.name

    @property
    def width(self) -> int:
        return int(self.embedding.shape[1])

    @property
    def cell_count(self) -> int:
        return sum(len(layer.cells) for layer in self.layers)

    @property
    def parameters(self) -> int:
        return int(self.embedding.size + sum(m.weight.size + m.bias.size for _, m in self.linears()))

    @property
    def state_size(self) -> int:
        """Numbers in the recurrent state: all cells, and with shift one residual vector per layer."""
        return self.cell_count + (len(self.layers) * self.width if self.shift else 0)

    @cached_property
    def symbol_classes(self) -> NDArray[np.int64]:
        """Shape `(k,)`: for each symbol, the first symbol with the same embedding, bit for bit."""
        first: dict[bytes, int] = {}
        classes = np.array(
            [first.setdefault(row.tobytes(), i) for i, row in enumerate(self.embedding[:-1])], np.int64
        )
        classes.flags.writeable = False
        return classes

    def begin(self) -> tuple[Reals, NDArray[np.bool_]]:
        """Return the state after BOS, shape `(1, state_size)`, and the legal set, shape `(1, k + 1)`."""
        return self._advance(np.zeros((1, self.state_size)), self.embedding[-1:])

    def step(self, states: Reals, symbols: NDArray[np.int64]) -> tuple[Reals, NDArray[np.bool_]]:
        """Advance many states by one symbol each.

        Arguments:
            states: shape `(m, state_size)`.
            symbols: shape `(m,)`, indices into the alphabet.

        Returns:
            the new states, and the legal sets, shape `(m, k + 1)`, END last.

        Complexity: m times the number of parameters.
        """
        new, legal = np.empty_like(states), np.empty((len(states), len(self.alphabet) + 1), np.bool_)
        for at in range(0, len(states), _ROWS):
            part = slice(at, at + _ROWS)
            new[part], legal[part] = self._advance(states[part], self.embedding[symbols[part]])
        return new, legal

    def _advance(self, states: Reals, z: Reals) -> tuple[Reals, NDArray[np.bool_]]:
        return advance(self, self.numbers, states, z)

    def keys(self, states: Reals) -> NDArray[np.int64]:
        """Return integers, shape `(m, state_size)`, that are the same for the same numbers only."""
        return self.numbers.keys(states)

    def legal_sets(self, word: Word) -> list[LegalSet]:
        """Return the legal set after every prefix, the empty one first; `BadInput` for a foreign symbol."""
        return legal_sets(self, word)

    def accepts(self, word: Word) -> bool:
        """Say whether every symbol is legal where it stands, and END after the last."""
        return accepts(self, word)

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree build --json` prints, without the directory it is saved in."""
        return {
            "language": self.origin.get("language"),
            "target": self.target,
            "task": self.task,
            "arithmetic": self.arithmetic,
            "gates": self.gates,
            "shift": self.shift,
            "layers": len(self.layers),
            "cells": self.cell_count,
            "width": self.width,
            "parameters": self.parameters,
        }

    def save(self, directory: str | Path) -> None:
        """Write `model.safetensors` and `config.json` into a directory, which is made if needed."""
        config = {
            "format": FORMAT,
            "task": self.task,
            "alphabet": list(self.alphabet),
            "fraction_bits": self.fraction_bits,
            "shift": self.shift,
            "layers": len(self.layers),
            "coordinates": list(self.coordinates),
            "cells": [list(layer.cells) for layer in self.layers],
            "gates": self.gates,
            "blocks": [list(layer.blocks) for layer in self.layers],
            "origin": self.origin,
        }
        write_model(directory, config, tensors_of(self.embedding, self))

    def linears(self) -> Iterable[tuple[str, Linear]]:
        """Return every linear map with its name in the saved file."""
        return linears_of(self)


LAYER_MAPS: Sequence[str] = ("inner", "gate", "write", "mix_in", "mix_out")


def linears_of(stack: Stack) -> Iterable[tuple[str, Linear]]:
    """Yield every linear map with its name in the saved file."""
    for i, layer in enumerate(stack.layers):
        for name in LAYER_MAPS:
            yield f"layers.{i}.{name}", getattr(layer, name)
    yield "head", stack.head


def tensors_of(embedding: Reals, stack: Stack) -> Iterable[tuple[str, NDArray[np.float32]]]:
    """Yield every tensor with its name in the saved file; all their numbers are float32 too."""
    yield "embedding.weight", embedding.astype(np.float32)
    for name, linear in linears_of(stack):
        yield f"{name}.weight", linear.weight.astype(np.float32)
        yield f"{name}.bias", linear.bias.astype(np.float32)
