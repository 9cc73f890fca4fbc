"""A saved permutation model, run in integers as docs/certificates.md defines it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .automaton import IntArray, read_alphabet
from .outcome import Meter, require
from .reading import integer
from .weights import CONFIG, read_tensors

FORMAT = "starfree-permutation-1"


@dataclass(frozen=True)
class Permuting:
    """A permutation model of N states over k symbols.

    Arguments:
        initial: shape `(N,)`.
        transition: shape `(k, N, N)`.
        readout: shape `(k + 1, N)`, END last.
    """

    alphabet: tuple[str, ...]
    initial: IntArray
    transition: IntArray
    readout: IntArray

    @property
    def state_size(self) -> int:
        """How many numbers the recurrent state has."""
        return len(self.initial)

    def step(self, states: IntArray, symbols: IntArray, meter: Meter) -> tuple[IntArray, NDArray[np.bool_]]:
        """Read one symbol in each state; BOS, the symbol after the last, leads to `initial`."""
        after = np.empty((len(states), self.state_size), dtype=np.int64)
        for row, symbol in enumerate(symbols.tolist()):
            meter.spend(1 + self.transition[0].size // 100 if len(self.transition) else 1)
            last = symbol == len(self.alphabet)
            after[row] = self.initial if last else self.transition[symbol] @ states[row]
        return after, after @ self.readout.T > 0


def read_permuting(path: Path, document: dict[str, Any], meter: Meter) -> Permuting:
    """Return the model of a weight file, or reject one whose tensors do not fit.

    Matrices with one 1 in each column keep a one-hot state one-hot, so no number ever grows.
    """
    for field in ("alphabet", "states"):
        require(field in document, f"{CONFIG} has no field {field!r}")
    alphabet = read_alphabet(document["alphabet"], f"the alphabet of {CONFIG}")
    n, k = integer(document["states"], "states", 1, meter.max_states), len(alphabet)
    tensors = read_tensors(path, 0, meter)
    shapes = {"initial": (n,), "transition": (k, n, n), "readout": (k + 1, n)}
    require(tensors.keys() == shapes.keys(), f"the tensors are not {', '.join(shapes)}")
    for name, shape in shapes.items():
        require(tensors[name].shape == shape, f"the tensor {name} has not the shape {list(shape)}")
    for name, axis in (("initial", 0), ("transition", 1)):
        tensor = tensors[name]
        ones = bool(((tensor == 0) | (tensor == 1)).all() and (tensor.sum(axis=axis) == 1).all())
        require(ones, f"the tensor {name} does not have one 1 in each column")
    return Permuting(alphabet, tensors["initial"], tensors["transition"], tensors["readout"])
