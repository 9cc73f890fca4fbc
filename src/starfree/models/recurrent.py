"""What every model that steps through words does with them, whatever its weights and its arithmetic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..languages import END, LegalSet, Word, parse_word
from .fixed import Reals


class Recurrent:
    """A model with a state, advanced many at a time by one symbol each."""

    alphabet: tuple[str, ...]

    def begin(self) -> tuple[Reals, NDArray[np.bool_]]:
        """Return the state before the first symbol, shape `(1, n)`, and the legal set, `(1, k + 1)`."""
        raise NotImplementedError

    def step(self, states: Reals, symbols: NDArray[np.int64]) -> tuple[Reals, NDArray[np.bool_]]:
        """Return new states and legal sets; states of shape `(m, n)`, symbols of `(m,)`."""
        raise NotImplementedError

    def legal_sets(self, word: Word) -> list[LegalSet]:
        """Return the legal set after every prefix, the empty one first; `BadInput` for a foreign symbol."""
        places = {symbol: i for i, symbol in enumerate(self.alphabet)}
        states, legal = self.begin()
        found = [legal[0]]
        for symbol in parse_word(word, self.alphabet) if isinstance(word, str) else word:
            if symbol not in places:
                raise BadInput(repr(symbol), "not a symbol of the model", f"Use {' '.join(self.alphabet)}.")
            states, legal = self.step(states, np.array([places[symbol]]))
            found.append(legal[0])
        return [legal_set(self.alphabet, row) for row in found]

    def accepts(self, word: Word) -> bool:
        """Say whether every symbol is legal where it stands, and END after the last.

        For recognise the second is enough; for predict anything may come after a symbol that is not legal.
        """
        symbols = parse_word(word, self.alphabet) if isinstance(word, str) else word
        *before, last = self.legal_sets(symbols)
        return END in last and all(a in legal for a, legal in zip(symbols, before, strict=True))


def legal_set(alphabet: tuple[str, ...], flags: NDArray[np.bool_]) -> LegalSet:
    """Return the legal set of flags, shape `(k + 1,)`, END last."""
    symbols = [symbol for symbol, flag in zip(alphabet, flags.tolist(), strict=False) if flag]
    return frozenset([*symbols, END] if flags[-1] else symbols)
