"""A stock Mamba or Mamba-2 with its weights, as a frozen value: what is built, saved and opened.

It needs NumPy only. Running it is `stock.py`'s work, through the unchanged classes of `transformers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..languages import END, LegalSet, Word
from .architectures import EXACT, complete
from .tokens import token_strings

if TYPE_CHECKING:
    from .trace import Trace

Tensors = dict[str, NDArray[np.float32]]

COUNT_BITS = 40  # a sum of counts stands in the residual stream in units of 2^-40
SUM = f"sum, in units of 2^-{COUNT_BITS}: "  # begins the name of a dimension that holds one


@dataclass(frozen=True)
class Coordinate:
    """Where one bit of one cell can be read off the running model.

    Arguments:
        cell: the cell's name in the cascade.
        bit: which bit of the cell's value, 0 = least significant.
        when: "new": its value after the symbol at a position; "old": before it.
        layer: the block that writes it: module `backbone.layers.{layer}`.
        dim: index in that module's output, the residual stream: +1 is 0, -1 is 1.
        channel: index of its channel in that layer's recurrent state.
        last: the last block whose input still holds it there, for dimensions are used again.
    """

    cell: str
    bit: int
    when: str
    layer: int
    dim: int
    channel: int
    last: int

    @property
    def module(self) -> str:
        """The path of the module to hook."""
        return f"backbone.layers.{self.layer}"


@dataclass(frozen=True, eq=False, repr=False)
class Mamba:
    """A checkpoint of a stock architecture that is exactly a language.

    Arguments:
        architecture: "mamba" or "mamba2".
        alphabet: k symbols; the tokens are these, then BOS, EOS, PAD and UNK.
        task: "recognise" or "predict".
        config: entries of the architecture's configuration (sizes; no vocabulary and no token ids).
        tensors: float32 weights by their names in `transformers`.
        features: for each layer 0 to n (0 is the embedding's output), what each dimension of the residual
            stream holds after it.
        coordinates: where each bit of each cell can be read.
        origin: what it was built from: language, definition, cascade, levels, bits, variant; for a model that
            counts its horizon.
    """

    architecture: str
    alphabet: tuple[str, ...]
    task: str
    config: dict[str, Any]
    tensors: Tensors
    features: tuple[tuple[str, ...], ...]
    coordinates: tuple[Coordinate, ...]
    origin: dict[str, Any]

    def __repr__(self) -> str:
        name = self.origin.get("language", "")
        size = f"{self.layers} layers, {self.parameters} parameters"
        return f"<Mamba {name!r}: {self.architecture}, {size}, {self.task}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mamba) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def _key(self) -> tuple[object, ...]:
        """What makes two models the same: the configuration that is run, and every bit of the weights."""
        weights = tuple((name, w.shape, w.tobytes()) for name, w in sorted(self.tensors.items()))
        entries = complete(self.architecture, self.config)
        sizes = tuple((name, repr(value)) for name, value in sorted(entries.items()))
        return self.architecture, self.alphabet, self.task, sizes, weights

    @property
    def horizon(self) -> int | None:
        """For a model that counts, the length of words up to which its sums are exact in float32."""
        found = self.origin.get("horizon")
        return found if isinstance(found, int) else None

    @property
    def exact_in(self) -> tuple[str, ...]:
        """The dtypes in which the construction is exact, up to the horizon if there is one."""
        return EXACT[self.architecture] if self.horizon is None else ("float32",)

    @property
    def arithmetic(self) -> str:
        """The dtypes in which the construction is exact, and up to which length if not at every one."""
        until = "" if self.horizon is None else f", up to {self.horizon:,} symbols"
        return ", ".join(self.exact_in) + until

    @property
    def layers(self) -> int:
        return int(self.config["num_hidden_layers"])

    @property
    def width(self) -> int:
        return int(self.config["hidden_size"])

    @property
    def parameters(self) -> int:
        return sum(int(weight.size) for weight in self.tensors.values())

    @property
    def nonzero(self) -> int:
        """How many of the parameters are not 0."""
        return sum(int(np.count_nonzero(weight)) for weight in self.tensors.values())

    @cached_property
    def vocab(self) -> tuple[str, ...]:
        """The token strings by id: the alphabet, then BOS, EOS, PAD and UNK."""
        return token_strings(self.alphabet)

    @property
    def sums(self) -> dict[str, int]:
        """The sums of counts by name, each with the dimension that holds it in the last layers."""
        names = self.features[-1] if self.features else ()
        return {name.removeprefix(SUM): i for i, name in enumerate(names) if name.startswith(SUM)}

    @property
    def state_size(self) -> int:
        """Numbers in the recurrent state: all channels' states, without the windows of the convolutions."""
        return self.layers * self.width * int(self.config["expand"]) * int(self.config["state_size"])

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree build --json` prints, without the directory it is saved in."""
        return {
            "language": self.origin.get("language"),
            "target": self.architecture,
            "task": self.task,
            "arithmetic": self.arithmetic,
            "horizon": self.horizon,
            "variant": self.origin.get("variant"),
            "layers": self.layers,
            "cells": len({(c.cell, c.bit) for c in self.coordinates}),
            "width": self.width,
            "parameters": self.parameters,
        }

    def legal_sets(self, word: Word) -> list[LegalSet]:
        """Return the legal set after every prefix, the empty one first, by one full forward in float32.

        Raises:
            BadInput: for a foreign symbol.
            MissingDependency: when torch or transformers is missing.
        """
        from .stock import legal_sets

        return legal_sets(self, word)

    def accepts(self, word: Word) -> bool:
        """Say whether END is legal after the word (for predict: meaningful when every prefix is live)."""
        return END in self.legal_sets(word)[-1]

    def trace(self, word: Word) -> Trace:
        """Return each cell's value at each position of a word, read off the running model."""
        from .trace import trace

        return trace(self, word)

    def save(self, directory: str | Path) -> None:
        """Write a directory that `transformers` opens by itself; it is made if needed."""
        from .checkpoint_files import write_checkpoint

        write_checkpoint(self, Path(directory))
