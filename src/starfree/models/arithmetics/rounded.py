"""A model of ours in another arithmetic than its own: the same step, with other numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...languages import LegalSet, Word
from ..fixed import Fixed, Linear, Reals
from ..ssm import LAYER_MAPS, SSM, Layer, Numbers, advance
from ..steps import accepts, legal_sets
from .named import arithmetic_named

_ROWS = 1 << 10  # states advanced in one go: few enough for their values to stay in the cache


@dataclass(frozen=True, eq=False)
class Rounded:
    """An ssm whose weights and operations are those of some arithmetic.

    Arguments:
        model: the ssm.
        numbers: the arithmetic.
    """

    model: SSM
    numbers: Numbers

    @property
    def alphabet(self) -> tuple[str, ...]:
        return self.model.alphabet

    @property
    def task(self) -> str:
        return self.model.task

    @property
    def origin(self) -> dict[str, Any]:
        return self.model.origin

    @property
    def arithmetic(self) -> str:
        return self.numbers.name

    @property
    def state_size(self) -> int:
        return self.model.state_size

    @property
    def shift(self) -> bool:
        return self.model.shift

    @property
    def width(self) -> int:
        return self.model.width

    @cached_property
    def faithful(self) -> bool:
        """Whether every weight is stored as it is in the model."""
        linears = [linear for _, linear in self.model.linears()]
        arrays = [self.model.embedding, *(a for one in linears for a in (one.weight, one.bias))]
        return all(np.array_equal(self.numbers.stored(array), array) for array in arrays)

    @cached_property
    def embedding(self) -> Reals:
        """The embedding as it is stored."""
        return self.numbers.stored(self.model.embedding)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers as they are stored."""
        return tuple(_kept(layer, self.numbers) for layer in self.model.layers)

    @cached_property
    def head(self) -> Linear:
        """The head as it is stored."""
        return _stored(self.model.head, self.numbers)

    @cached_property
    def symbol_classes(self) -> NDArray[np.int64]:
        """Shape `(k,)`: for each symbol, the first symbol with the same embedding as it is stored."""
        first: dict[tuple[object, ...], int] = {}
        rows = self.embedding[:-1].tolist()
        return np.array([first.setdefault(tuple(row), i) for i, row in enumerate(rows)], np.int64)

    def begin(self) -> tuple[Reals, NDArray[np.bool_]]:
        """Return the state after BOS, shape `(1, state_size)`, and the legal set, shape `(1, k + 1)`."""
        zeros = self.numbers.stored(np.zeros((1, self.state_size)))
        return advance(self, self.numbers, zeros, self.embedding[-1:])

    def step(self, states: Reals, symbols: NDArray[np.int64]) -> tuple[Reals, NDArray[np.bool_]]:
        """Advance many states by one symbol each; see `SSM.step`."""
        new, legal = np.empty_like(states), np.empty((len(states), len(self.alphabet) + 1), np.bool_)
        for at in range(0, len(states), _ROWS):
            part = slice(at, at + _ROWS)
            new[part], legal[part] = advance(self, self.numbers, states[part], self.embedding[symbols[part]])
        return new, legal

    def legal_sets(self, word: Word) -> list[LegalSet]:
        """Return the legal set after every prefix, the empty one first; `BadInput` for a foreign symbol."""
        return legal_sets(self, word)

    def accepts(self, word: Word) -> bool:
        """Say whether every symbol is legal where it stands, and END after the last."""
        return accepts(self, word)

    def keys(self, states: Reals) -> NDArray[np.int64]:
        """Return integers, shape `(m, state_size)`, that are the same for the same numbers only."""
        return self.numbers.keys(states)


def in_arithmetic(model: SSM, name: str) -> SSM | Rounded:
    """Return a model that computes in an arithmetic: every weight and every result rounded as it says.

    Arguments:
        model: an ssm.
        name: one of `NAMES`.

    Returns:
        for fixed:P an ssm in FIX(P), else a `Rounded`.

    Raises:
        BadInput: for a name of no arithmetic.

    Complexity: linear in the weights.

    >>> import starfree
    >>> model = starfree.build("@flip_flop")  # with delays of 16 bits
    >>> word = ["w", "1", "i", "0", "r"]
    >>> for name in ("fixed:16", "fixed:8", "float32", "bfloat16"):
    ...     print(name, sorted(map(str, in_arithmetic(model, name).legal_sets(word)[-1])))
    fixed:16 ['1']
    fixed:8 []
    float32 ['1']
    bfloat16 []
    """
    numbers = arithmetic_named(name)
    if not isinstance(numbers, Fixed):
        return Rounded(model, numbers)
    return replace(
        model,
        fraction_bits=numbers.bits,
        embedding=numbers.stored(model.embedding),
        layers=tuple(_kept(layer, numbers) for layer in model.layers),
        head=_stored(model.head, numbers),
    )


def _stored(linear: Linear, numbers: Numbers) -> Linear:
    return Linear(numbers.stored(linear.weight), numbers.stored(linear.bias))


def _kept(layer: Layer, numbers: Numbers) -> Layer:
    inner, gate, write, mix_in, mix_out = (_stored(getattr(layer, name), numbers) for name in LAYER_MAPS)
    return replace(layer, inner=inner, gate=gate, write=write, mix_in=mix_in, mix_out=mix_out)
