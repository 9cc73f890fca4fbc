"""The saved model, run in integers as docs/certificates.md defines it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .automaton import IntArray
from .outcome import BudgetError, Meter, Rejected, require
from .reading import shown
from .weights import LARGEST, Config, read_tensors

EXACT = 2**53


@dataclass(frozen=True)
class Linear:
    """Integer weights `(out, in)` and biases `(out,)` in units of 2^-p."""

    weight: IntArray
    bias: IntArray

    def __call__(self, x: IntArray, p: int) -> IntArray:
        """Return the exact sums of products, shape `(m, out)`, each rounded once, halves up."""
        rows = sum_of_sizes(self.weight)
        bound = rows * largest(x) + (largest(self.bias) << p) + (1 << p)
        if bound < EXACT:
            # No partial sum reaches 2^53, so floating point computes exactly the same, and faster.
            sums = (x.astype(np.float64) @ self.weight.T.astype(np.float64)).astype(np.int64)
        elif bound < LARGEST:
            sums = x @ self.weight.T
        else:
            raise too_large()
        return round_units(sums + (self.bias << p), p)


def too_large() -> BudgetError:
    """Return the error for numbers that int64 arithmetic might wrap around."""
    return BudgetError("the model computes with numbers of more than 62 bits")


def bounded(x: IntArray) -> IntArray:
    """Return sums of two numbers of at most 62 bits (they cannot wrap around) if they have at most 62 too."""
    if largest(x) >= LARGEST:
        raise too_large()
    return x


def largest(x: IntArray) -> int:
    """Return the largest absolute value."""
    return int(np.abs(x).max(initial=0))


def sum_of_sizes(weight: IntArray) -> int:
    """Return a bound on the sum of absolute values in any row."""
    return largest(weight) * weight.shape[1] if weight.size else 0


def round_units(x: IntArray, p: int) -> IntArray:
    """Return numbers in units of 2^-2p as the nearest ones in units of 2^-p, halves up."""
    return (x + ((1 << p) >> 1)) >> p


def turned(gate: IntArray, old: IntArray, blocks: tuple[int, ...]) -> IntArray:
    """Return gates times states, sums of products in units of 2^-2p.

    Block n multiplies polynomials of degree below |n| modulo x^n - 1, or x^|n| + 1 when n is negative.
    """
    found = np.zeros_like(old)
    at = 0
    for block in blocks:
        size = abs(block)
        for i in range(size):
            for j in range(size):
                sign = -1 if block < 0 and i + j >= size else 1
                found[:, at + (i + j) % size] += sign * gate[:, at + i] * old[:, at + j]
        at += size
    return found


@dataclass(frozen=True)
class Layer:
    """The linear maps of one layer, and the kinds of its blocks."""

    inner: Linear
    gate: Linear
    write: Linear
    mix_in: Linear
    mix_out: Linear
    blocks: tuple[int, ...]

    @property
    def cells(self) -> int:
        """The number of cells."""
        return len(self.gate.bias)


@dataclass(frozen=True)
class Model:
    """A saved model: embedding `(k + 1, D)`, layers, head `(k + 1, D)`."""

    config: Config
    embedding: IntArray
    layers: tuple[Layer, ...]
    head: Linear

    @property
    def parameters(self) -> int:
        """The number of weights, for the meter."""
        maps = [m for b in self.layers for m in (b.inner, b.gate, b.write, b.mix_in, b.mix_out)]
        return self.embedding.size + sum(m.weight.size + m.bias.size for m in (*maps, self.head))

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The symbols, in order."""
        return self.config.alphabet

    @property
    def state_size(self) -> int:
        """How many numbers the recurrent state has."""
        shifted = self.embedding.shape[1] if self.config.shift else 0
        return sum(layer.cells + shifted for layer in self.layers)

    def step(self, states: IntArray, symbols: IntArray, meter: Meter) -> tuple[IntArray, NDArray[np.bool_]]:
        """Read one symbol in each state.

        Arguments:
            states: shape `(m, state_size)`: per layer its cells and, with shift, its last input.
            symbols: shape `(m,)`: rows of the embedding.

        Returns:
            the new states, and which logits are positive, shape `(m, k + 1)`, END last.
        """
        squares = sum(block * block for layer in self.layers for block in layer.blocks)
        meter.spend(len(states) * (1 + (self.parameters + squares) // 100))
        p, at = self.config.fraction_bits, 0
        z = self.embedding[symbols]
        after: list[IntArray] = []
        for layer in self.layers:
            h = states[:, at : at + layer.cells]
            at += layer.cells
            seen = z
            if self.config.shift:
                seen = np.concatenate([z, states[:, at : at + z.shape[1]]], axis=1)
                at += z.shape[1]
            u = np.maximum(layer.inner(seen, p), 0)
            gate = layer.gate(u, p)
            longest = max(map(abs, layer.blocks), default=1)
            if largest(gate) * largest(h) * longest + (1 << p) >= LARGEST:
                raise too_large()
            kept = turned(gate, h, layer.blocks) if layer.blocks else gate * h
            h = bounded(round_units(kept, p) + layer.write(u, p))
            after += [h, z] if self.config.shift else [h]
            v = np.maximum(layer.mix_in(np.concatenate([h, z], axis=1), p), 0)
            z = bounded(z + layer.mix_out(v, p))
        logits = self.head(z, p)
        return np.concatenate([states[:, :0], *after], axis=1), logits > 0


def read_model(path: Path, config: Config, meter: Meter) -> Model:
    """Return the model of a weight file, or reject one whose tensors do not fit or are not all used."""
    tensors = read_tensors(path, config.fraction_bits, meter)

    def take(name: str, *shape: int | None) -> IntArray:
        tensor = tensors.pop(name, None)
        if tensor is None:
            raise Rejected(f"there is no tensor {name}")
        fits = tensor.ndim == len(shape) and all(
            wanted is None or wanted == length for wanted, length in zip(shape, tensor.shape, strict=True)
        )
        require(fits, f"the tensor {name} has the shape {list(tensor.shape)}, which does not fit the others")
        return tensor

    def linear(name: str, out: int | None, width: int) -> Linear:
        weight = take(f"{name}.weight", out, width)
        return Linear(weight, take(f"{name}.bias", len(weight)))

    k = len(config.alphabet)
    embedding = take("embedding.weight", k + 1, None)
    width = embedding.shape[1]
    layers = []
    for i in range(config.layers):
        inner = linear(f"layers.{i}.inner", None, 2 * width if config.shift else width)
        gate = linear(f"layers.{i}.gate", None, len(inner.bias))
        write = linear(f"layers.{i}.write", len(gate.bias), len(inner.bias))
        mix_in = linear(f"layers.{i}.mix_in", None, len(gate.bias) + width)
        mix_out = linear(f"layers.{i}.mix_out", width, len(mix_in.bias))
        blocks = config.blocks[i]
        fits = not blocks or sum(map(abs, blocks)) == len(gate.bias)
        require(fits, f"the blocks of layer {i} are not as many numbers as it has")
        layers.append(Layer(inner, gate, write, mix_in, mix_out, blocks))
    head = linear("head", k + 1, width)
    require(
        not tensors,
        f"there are tensors that the model does not use: {shown(min(tensors, default=''))}",
    )
    return Model(config, embedding, tuple(layers), head)
