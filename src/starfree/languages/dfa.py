"""Minimal complete DFAs: the value that every question about a regular language is asked of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .language import Language, LegalSet

Table = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class DFA(Language):
    """The minimal complete DFA of a regular language, states numbered breadth-first from the start.

    Because the numbering is canonical, two values with the same alphabet have the same language exactly when
    their tables and accepting flags are equal. State 0 is the start.

    Arguments:
        alphabet: k symbols, in order; columns of the table.
        table: shape `(n, k)`, int32, read-only: the next state, in `0..n-1`.
        accepting: shape `(n,)`, bool, read-only.
        spec, definition: as for every language.
    """

    alphabet: tuple[str, ...]
    table: Table
    accepting: Flags
    spec: str = ""
    definition: str | None = None
    kind: Literal["regular"] = field(default="regular", init=False)

    @property
    def start(self) -> int:
        """The start state, always 0."""
        return 0

    def step(self, state: int, symbol: str) -> int:
        raise NotImplementedError

    def legal(self, state: int) -> LegalSet:
        raise NotImplementedError

    @property
    def dfa(self) -> DFA:
        return self

    @property
    def states(self) -> int:
        return len(self.table)

    @property
    def live(self) -> Flags:
        """Shape `(n,)`: whether some word of the language can still be completed from the state."""
        raise NotImplementedError

    @property
    def dead_state(self) -> int | None:
        """The one dead state, or None when every prefix is live."""
        raise NotImplementedError

    @property
    def legal_table(self) -> Flags:
        """Shape `(n, k + 1)`: which symbols are legal in each state; the last column is END."""
        raise NotImplementedError
