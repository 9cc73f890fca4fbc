"""What a model that is stepped exactly has in common: words, legal sets, acceptance."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..languages import END, LegalSet, Word, parse_word


class Runs(Protocol):
    """A model that can be advanced many states at a time."""

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The symbols, in order."""

    def begin(self) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the state after BOS, shape `(1, state_size)`, and the legal set, shape `(1, k + 1)`."""

    def step(
        self, states: NDArray[Any], symbols: NDArray[np.int64]
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Advance states, shape `(m, state_size)`, by a symbol each; also the legal sets, `(m, k + 1)`."""


class Stepped(Runs, Protocol):
    """A model with exact states: what proofs explore."""

    @property
    def state_size(self) -> int:
        """Numbers in the recurrent state."""

    @property
    def symbol_classes(self) -> NDArray[np.int64]:
        """Shape `(k,)`: for each symbol, the first that does the same to every state."""

    def keys(self, states: NDArray[Any]) -> NDArray[np.int64]:
        """Return integers, shape `(m, state_size)`, that are the same for the same states only."""


def legal_set(alphabet: tuple[str, ...], flags: NDArray[np.bool_]) -> LegalSet:
    """Return the legal set of flags, shape `(k + 1,)`, END last."""
    symbols = [symbol for symbol, flag in zip(alphabet, flags.tolist(), strict=False) if flag]
    return frozenset([*symbols, END] if flags[-1] else symbols)


def legal_sets(model: Runs, word: Word) -> list[LegalSet]:
    """Return the legal set after every prefix, the empty one first; `BadInput` for a foreign symbol."""
    places = {symbol: i for i, symbol in enumerate(model.alphabet)}
    states, legal = model.begin()
    found = [legal[0]]
    for symbol in parse_word(word, model.alphabet) if isinstance(word, str) else word:
        if symbol not in places:
            raise BadInput(repr(symbol), "not a symbol of the model", f"Use {' '.join(model.alphabet)}.")
        states, legal = model.step(states, np.array([places[symbol]]))
        found.append(legal[0])
    return [legal_set(model.alphabet, row) for row in found]


def accepts(model: Runs, word: Word) -> bool:
    """Say whether every symbol is legal where it stands, and END after the last.

    For recognise the second is enough; for predict anything may come after a symbol that is not legal.
    """
    symbols = parse_word(word, model.alphabet) if isinstance(word, str) else word
    *before, last = legal_sets(model, symbols)
    return END in last and all(a in legal for a, legal in zip(symbols, before, strict=True))
