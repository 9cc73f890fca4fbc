"""A state space model with complex gates in floating point: exact up to a horizon.

Its latches, delays and conjunctions are whole numbers and exact. A rotor is a complex number that a root of
unity turns: where that is no quarter of a turn each step adds an error. What reads the rotor bears errors up
to a margin, and then is exact again; the horizon says for how many symbols the sum of all errors is certainly
below the margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..languages import LegalSet, Word
from .fixed import Linear, Reals
from .rotations import products
from .saved import write_model
from .ssm import Layer, linears_of, tensors_of
from .steps import accepts, legal_sets

FORMAT = "starfree-ssm-float-1"
DTYPES = ("float32", "float16")
_Map = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, eq=False, repr=False)
class FloatSSM:
    """A diagonal state space model with complex gates, in floating point.

    Arguments:
        alphabet, task, shift, embedding, layers, head, coordinates, origin: as of `SSM`.
        dtype: "float32" or "float16": every operation is rounded to it.
        horizon: the number of symbols up to which it is certainly right; None for every length.

    The weights are made read-only, not copied.
    """

    alphabet: tuple[str, ...]
    task: str
    dtype: str
    shift: bool
    embedding: Reals
    layers: tuple[Layer, ...]
    head: Linear
    coordinates: tuple[str, ...]
    origin: dict[str, Any]
    horizon: int | None

    target = "complex"
    gates = "complex"

    def __post_init__(self) -> None:
        self.embedding.flags.writeable = False
        for _, linear in linears_of(self):
            linear.weight.flags.writeable = linear.bias.flags.writeable = False

    def __repr__(self) -> str:
        name = self.origin.get("language", "")
        return f"<FloatSSM {name!r}: {len(self.layers)} layers, {self.task}, {self.arithmetic}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FloatSSM) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def _key(self) -> tuple[object, ...]:
        shape = tuple((layer.blocks, layer.cut) for layer in self.layers)
        tensors = tensors_of(self.embedding, self)
        weights = tuple((name, tensor.shape, tensor.tobytes()) for name, tensor in tensors)
        return self.alphabet, self.task, self.dtype, self.shift, self.horizon, shape, weights

    @property
    def arithmetic(self) -> str:
        """The dtype, and up to what length it is exact."""
        return self.dtype if self.horizon is None else f"{self.dtype}, up to {self.horizon:,} symbols"

    @property
    def width(self) -> int:
        return int(self.embedding.shape[1])

    @property
    def parameters(self) -> int:
        return sum(tensor.size for _, tensor in tensors_of(self.embedding, self))

    @property
    def cell_count(self) -> int:
        return sum(len(layer.cells) for layer in self.layers)

    @property
    def state_size(self) -> int:
        """Numbers in the recurrent state, a complex one counted as two."""
        return self.cell_count + (len(self.layers) * self.width if self.shift else 0)

    @cached_property
    def _run(self) -> tuple[NDArray[Any], list[list[_Map]], _Map, list[NDArray[Any]]]:
        """Embedding, maps of each layer, head, and where each unit is cut off, in the dtype."""
        dtype = np.dtype(self.dtype)

        def cast(linear: Linear) -> _Map:
            return linear.weight.T.astype(dtype), linear.bias.astype(dtype)

        maps, cuts = [], []
        for layer in self.layers:
            maps.append(
                [cast(each) for each in (layer.inner, layer.gate, layer.write, layer.mix_in, layer.mix_out)]
            )
            cut = np.full(len(layer.mix_in.bias), np.inf, dtype)
            cut[list(layer.cut)] = 1
            cuts.append(cut)
        return self.embedding.astype(dtype), maps, cast(self.head), cuts

    def begin(self) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the state after BOS, shape `(1, state_size)`, and the legal set, shape `(1, k + 1)`."""
        states = np.zeros((1, self.state_size), np.dtype(self.dtype))
        return self._advance(states, self._run[0][-1:])

    def step(
        self, states: NDArray[Any], symbols: NDArray[np.int64]
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Advance states, shape `(m, state_size)`, by a symbol each; also the legal sets, `(m, k + 1)`.

        Complexity: m times the number of parameters.
        """
        return self._advance(states, self._run[0][symbols])

    def _advance(self, states: NDArray[Any], z: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        _, maps, head, cuts = self._run
        new, at = np.empty_like(states), 0
        for layer, (inner, gate, write, mix_in, mix_out), cut in zip(self.layers, maps, cuts, strict=True):
            seen = z
            if self.shift:
                seen = np.concatenate([z, states[:, at : at + self.width]], axis=1)
                new[:, at : at + self.width] = z
                at += self.width
            u = np.maximum(_linear(inner, seen), 0)
            n = len(layer.cells)
            h = products(_linear(gate, u), states[:, at : at + n], layer.blocks) + _linear(write, u)
            new[:, at : at + n] = h
            at += n
            v = np.minimum(np.maximum(_linear(mix_in, np.concatenate([h, z], axis=1)), 0), cut)
            z = z + _linear(mix_out, v)
        return new, _linear(head, z) > 0

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
            "horizon": self.horizon,
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
            "dtype": self.dtype,
            "horizon": self.horizon,
            "arithmetic": self.arithmetic,
            "shift": self.shift,
            "layers": len(self.layers),
            "coordinates": list(self.coordinates),
            "cells": [list(layer.cells) for layer in self.layers],
            "blocks": [list(layer.blocks) for layer in self.layers],
            "cut": [list(layer.cut) for layer in self.layers],
            "origin": self.origin,
        }
        write_model(directory, config, tensors_of(self.embedding, self))


def _linear(weights: _Map, x: NDArray[Any]) -> NDArray[Any]:
    found: NDArray[Any] = x @ weights[0] + weights[1]
    return found
