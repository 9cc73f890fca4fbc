"""PD-SSM: `h_t = P(x_t) h_{t-1}`, with matrices that have one 1 in each column: any automaton, in one layer.

The state is one-hot over the states of the automaton and the matrices are its transition function, so every
number is 0 or 1 and nothing is ever rounded.

Source: arXiv:2509.22284. The diagonal factor of its permutation-diagonal matrices is 1 here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..languages import LegalSet, Word
from ..languages.words import check_alphabet
from .fixed import Reals
from .saved import CONFIG, WEIGHTS, damaged, is_texts, read_tensors, write_model
from .steps import accepts, legal_sets

FORMAT = "starfree-permutation-1"


@dataclass(frozen=True, eq=False, repr=False)
class PermutationSSM:
    """A one-layer state space model whose matrices have one 1 in each column.

    Arguments:
        alphabet: k symbols.
        task: "recognise" or "predict".
        initial: shape `(N,)`, the state after BOS, one-hot.
        transition: shape `(k, N, N)`; column i of a matrix is where it takes state i.
        readout: shape `(k + 1, N)`: logits, END last; legal means positive.
        origin: what it was built from.

    The arrays are made read-only, not copied.
    """

    alphabet: tuple[str, ...]
    task: str
    initial: Reals
    transition: Reals
    readout: Reals
    origin: dict[str, Any]

    target = "permutation"
    arithmetic = "FIX(0)"
    fraction_bits = 0

    def __post_init__(self) -> None:
        for _, tensor in self.tensors():
            tensor.flags.writeable = False

    def __repr__(self) -> str:
        name = self.origin.get("language", "")
        return f"<PermutationSSM {name!r}: {self.state_size} states, {self.task}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PermutationSSM) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def _key(self) -> tuple[object, ...]:
        weights = tuple((name, tensor.shape, tensor.tobytes()) for name, tensor in self.tensors())
        return self.alphabet, self.task, weights

    @property
    def state_size(self) -> int:
        """Numbers in the recurrent state: the states of the automaton."""
        return len(self.initial)

    @property
    def layers(self) -> tuple[str, ...]:
        """The one layer, by what it holds."""
        return ("the state, one-hot",)

    @property
    def parameters(self) -> int:
        return sum(tensor.size for _, tensor in self.tensors())

    @cached_property
    def symbol_classes(self) -> NDArray[np.int64]:
        """Shape `(k,)`: for each symbol, the first symbol with the same matrix."""
        first: dict[bytes, int] = {}
        return np.array([first.setdefault(m.tobytes(), i) for i, m in enumerate(self.transition)], np.int64)

    def keys(self, states: Reals) -> NDArray[np.int64]:
        """Return the states as integers: every number is 0 or 1."""
        return states.astype(np.int64)

    def begin(self) -> tuple[Reals, NDArray[np.bool_]]:
        """Return the state after BOS, shape `(1, N)`, and the legal set, shape `(1, k + 1)`."""
        states = self.initial[None]
        return states, states @ self.readout.T > 0

    def step(self, states: Reals, symbols: NDArray[np.int64]) -> tuple[Reals, NDArray[np.bool_]]:
        """Advance many states by one symbol each.

        Arguments:
            states: shape `(m, N)`.
            symbols: shape `(m,)`, indices into the alphabet.

        Returns:
            the new states, and the legal sets, shape `(m, k + 1)`, END last.

        Complexity: m times N^2.
        """
        new = np.empty_like(states)
        for symbol in np.unique(symbols).tolist():
            rows = symbols == symbol
            new[rows] = states[rows] @ self.transition[symbol].T
        return new, new @ self.readout.T > 0

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
            "layers": 1,
            "cells": self.state_size,
            "width": self.state_size,
            "parameters": self.parameters,
        }

    def save(self, directory: str | Path) -> None:
        """Write `model.safetensors` and `config.json` into a directory, which is made if needed."""
        config = {
            "format": FORMAT,
            "task": self.task,
            "alphabet": list(self.alphabet),
            "states": self.state_size,
            "origin": self.origin,
        }
        write_model(directory, config, self.tensors())

    def tensors(self) -> Iterable[tuple[str, Reals]]:
        """Yield every tensor with its name in the saved file."""
        yield "initial", self.initial
        yield "transition", self.transition
        yield "readout", self.readout


def open_permutation(path: Path, config: dict[str, Any]) -> PermutationSSM:
    """Return the permutation model saved in a directory.

    Arguments:
        config: what its `config.json` says.

    Raises:
        BadInput: when a file is missing, cut short, or does not fit the rest.
    """
    alphabet, n, origin = (config.get(key) for key in ("alphabet", "states", "origin"))
    valid = {
        "task": config.get("task") in ("recognise", "predict"),
        "alphabet": is_texts(alphabet) and len(set(alphabet or ())) == len(alphabet or ()),
        "states": type(n) is int and n > 0,
        "origin": isinstance(origin, dict),
    }
    for key, fine in valid.items():
        if not fine:
            raise damaged(path, f"{CONFIG} has no valid {key!r}")
    assert isinstance(alphabet, list)
    assert isinstance(n, int)
    assert isinstance(origin, dict)
    try:
        check_alphabet(alphabet)
    except BadInput as error:
        raise damaged(path, f"{CONFIG}: {error.what} {error.why}") from None
    k = len(alphabet)
    shapes = {"initial": (n,), "transition": (k, n, n), "readout": (k + 1, n)}
    tensors = read_tensors(path, WEIGHTS)
    if tensors.keys() != shapes.keys():
        raise damaged(path, f"the tensors are not {', '.join(shapes)}")
    for name, shape in shapes.items():
        if tensors[name].shape != shape:
            raise damaged(path, f"tensor {name} has shape {tensors[name].shape}, not {shape}")
        if np.any(tensors[name] != np.floor(tensors[name])):
            raise damaged(path, f"tensor {name} has entries that are not whole")
    for name, columns in (("initial", 0), ("transition", 1)):
        ones = np.isin(tensors[name], (0, 1)).all() and (tensors[name].sum(axis=columns) == 1).all()
        if not ones:
            raise damaged(path, f"tensor {name} does not have one 1 in each column")
    exact = [tensors[name].astype(np.float64) for name in shapes]
    return PermutationSSM(tuple(alphabet), config["task"], exact[0], exact[1], exact[2], origin)
