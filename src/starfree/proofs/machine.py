"""A model as a step function: one symbol at a time, many states at once.

A theorem about a recurrence is one about this path. Where a model also reads a whole word at once, that path
is kept apart: it rounds in another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..models.arithmetics import Rounded
from ..models.float_ssm import FloatSSM
from ..models.permutation import PermutationSSM
from ..models.ssm import SSM

States = NDArray[Any]
"""Shape `(m, s)`: rows of which equal bytes mean equal states."""

Way = Literal["recurrent", "parallel"]
"""One symbol after the other, or the whole word at once."""

Symbols = NDArray[np.int64]
Floats = NDArray[np.float64]


class Machine(Protocol):
    """What can be refuted: a step function.

    Arguments:
        alphabet: k symbols, in order.
        arithmetic: in which it computes, for people.
        path: "recurrent", or "parallel" for what can only read whole words.
        batch: most states that are stepped together.
    """

    @property
    def alphabet(self) -> tuple[str, ...]: ...

    @property
    def arithmetic(self) -> str: ...

    @property
    def path(self) -> Way: ...

    @property
    def batch(self) -> int: ...

    def begin(self) -> tuple[States, Floats]:
        """Return the state before any symbol, one row, and its logits, shape `(1, k + 1)`, END last."""

    def step(self, states: States, symbols: Symbols) -> tuple[States, Floats]:
        """Return the states after one symbol each, and their logits."""

    def whole(self, words: Symbols) -> Floats | None:
        """Return the logits after words of one length, shape `(n, T)`, read at once; None without a way."""


OURS = (SSM, Rounded, PermutationSSM, FloatSSM)
"""What `build` makes, apart from stock checkpoints: its answers are signs."""


class OwnMachine:
    """The paper's model in its own exact arithmetic, or in another; its logits are signs."""

    path: Way = "recurrent"
    batch = 1 << 14

    def __init__(self, model: SSM | Rounded | PermutationSSM | FloatSSM) -> None:
        self._model = model
        self._numbers: dict[bytes, int] = {}  # of states whose numbers are objects, in exact arithmetic
        self._rows: list[States] = []
        self.alphabet, self.arithmetic = model.alphabet, model.arithmetic

    def begin(self) -> tuple[States, Floats]:
        states, legal = self._model.begin()
        return self._coded(states), np.where(legal, 1.0, -1.0)

    def step(self, states: States, symbols: Symbols) -> tuple[States, Floats]:
        if self._rows:
            states = np.concatenate([self._rows[number] for number in states[:, 0].tolist()])
        after, legal = self._model.step(states, symbols)
        return self._coded(after), np.where(legal, 1.0, -1.0)

    def _coded(self, states: States) -> States:
        """Return states as rows of bytes: without negative zeros, and objects by numbers of their own."""
        if states.dtype != object or isinstance(self._model, FloatSSM):
            return states + 0.0
        codes = []
        for row, key in zip(states, self._model.keys(states), strict=True):
            number = self._numbers.setdefault(key.tobytes(), len(self._rows))
            if number == len(self._rows):
                self._rows.append(row[None])
            codes.append([number])
        return np.array(codes, np.int64)

    def whole(self, words: Symbols) -> Floats | None:
        return None


def machine_of(model: Any, alphabet: Sequence[str], dtype: str | None = None) -> Machine:
    """Return a model as a step function.

    Arguments:
        model: an opened model; a `torch.nn.Module` from tokens `(batch, time)` to logits `(batch, time, V)`,
            where the tokens are the symbols of the alphabet, then BOS, EOS, PAD and UNK; or a `Machine`.
        alphabet: of a module.
        dtype: of a stock checkpoint.

    Raises:
        BadInput: for anything else, or a dtype of a model that has none.
    """
    if isinstance(model, OURS):
        no_dtype(dtype, model.arithmetic)
        return OwnMachine(model)
    if all(hasattr(model, name) for name in ("begin", "step", "whole")):
        no_dtype(dtype, "its own")
        from .given import GivenMachine

        return GivenMachine(model)
    from .torch_machines import torch_machine  # torch is slow to import

    return torch_machine(model, tuple(alphabet), dtype)


def no_dtype(dtype: str | None, arithmetic: str) -> None:
    """Raise `BadInput` when a dtype is asked of a model that has none to choose."""
    if dtype is not None:
        why = f"the model computes in {arithmetic}"
        raise BadInput(f"dtype {dtype!r}", why, "Leave it out: it is a choice for stock checkpoints.")


def not_deterministic() -> BadInput:
    """Return the error for a model that gives two results for the same word."""
    why = "gives two results for the same state and symbol"
    return BadInput("the step function of the model", why, "Switch off what is random, such as dropout.")


def check_repeats(machine: Machine) -> None:
    """Raise `BadInput` when the same step gives two results, as dropout would."""
    (states, logits), (again, same) = machine.begin(), machine.begin()
    symbols = np.arange(len(machine.alphabet))
    for _ in range(3):
        equal = states.tobytes() == again.tobytes() and np.array_equal(logits, same, equal_nan=True)
        if not equal:
            raise not_deterministic()
        rows = np.zeros(len(symbols), np.int64)
        states, logits = machine.step(states[rows], symbols)
        again, same = machine.step(again[rows], symbols)
