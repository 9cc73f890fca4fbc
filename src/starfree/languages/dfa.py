"""Minimal complete DFAs: the value that every question about a regular language is asked of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BadInput, BudgetExceeded
from .language import END, Language, LegalSet
from .minimise import minimise, renumber
from .words import brief, check_alphabet

Table = NDArray[np.int32]
Flags = NDArray[np.bool_]

_ENTRIES_PER_STATE = 64  # a table may hold this many entries for each state that the budget allows


@dataclass(frozen=True, eq=False, repr=False)
class DFA(Language):
    """The minimal complete DFA of a regular language, states numbered breadth-first from the start.

    Because the numbering is canonical, two values with the same alphabet have the same language exactly when
    their tables and accepting flags are equal. State 0 is the start. Make one with `make_dfa`.

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

    @cached_property
    def column(self) -> dict[str, int]:
        """The column of each symbol."""
        return {symbol: i for i, symbol in enumerate(self.alphabet)}

    def step(self, state: int, symbol: str) -> int:
        """Return the state after one more symbol; raises `BadInput` for a symbol outside the alphabet."""
        return int(self.table[state, self._column_of(symbol)])

    def _column_of(self, symbol: str) -> int:
        found = self.column.get(symbol)
        if found is None:
            shown = brief(" ".join(self.alphabet) or "(no symbols)")
            raise BadInput(brief(repr(symbol)), "is not in the alphabet", f"Use only: {shown}.")
        return found

    def legal(self, state: int) -> LegalSet:  # type: ignore[override]
        """Return the legal set of a state: the symbols that can come next, and END; empty when dead."""
        flags = self.legal_table[state].tolist()
        symbols = (symbol for symbol, flag in zip(self.alphabet, flags, strict=False) if flag)
        return frozenset([*symbols, END] if flags[-1] else symbols)

    def indices(self, word: str | Sequence[str]) -> NDArray[np.int64]:
        """Return the columns of the symbols of a word, shape `(length,)`; `BadInput` for a foreign symbol."""
        symbols = self.symbols_of(word)
        return np.fromiter(map(self._column_of, symbols), np.int64, len(symbols))

    def run(self, indices: NDArray[np.integer], state: int = 0) -> int:
        """Return the state after the symbols with the given columns, shape `(length,)`."""
        rows = self._rows
        for i in indices.tolist():
            state = rows[state][i]
        return state

    @cached_property
    def _rows(self) -> list[list[int]]:
        rows: list[list[int]] = self.table.tolist()
        return rows

    @property
    def dfa(self) -> DFA:
        """The language itself."""
        return self

    @property
    def states(self) -> int:
        """The number of states, dead state included."""
        return len(self.table)

    @cached_property
    def live(self) -> Flags:
        """Shape `(n,)`: whether some word of the language can still be completed from the state."""
        # In a minimal DFA the dead state, if any, is the rejecting state that only leads to itself.
        stuck = (self.table == np.arange(self.states)[:, None]).all(axis=1)
        return _read_only(~(stuck & ~self.accepting))

    @cached_property
    def dead_state(self) -> int | None:
        """The one dead state, or None when every prefix is live."""
        dead = np.flatnonzero(~self.live)
        return int(dead[0]) if len(dead) else None

    @cached_property
    def legal_table(self) -> Flags:
        """Shape `(n, k + 1)`: which symbols are legal in each state; the last column is END."""
        return _read_only(np.concatenate([self.live[self.table], self.accepting[:, None]], axis=1))

    @cached_property
    def _canonical(self) -> tuple[tuple[str, ...], bytes, bytes]:
        ranked = sorted(range(len(self.alphabet)), key=self.alphabet.__getitem__)
        order, table = renumber(self.table[:, ranked])
        return tuple(sorted(self.alphabet)), table.tobytes(), self.accepting[order].tobytes()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DFA) and self._canonical == other._canonical

    def __hash__(self) -> int:
        return hash(self._canonical)

    def __repr__(self) -> str:
        return f"<DFA {self.spec or 'unnamed'!r}: {self.states} states over {len(self.alphabet)} symbols>"


def make_dfa(
    alphabet: Sequence[str],
    table: ArrayLike,
    accepting: ArrayLike,
    start: int = 0,
    *,
    spec: str = "",
    definition: str | None = None,
    budget: Budget = DEFAULT,
) -> DFA:
    """Return the minimal DFA of any complete table.

    Arguments:
        alphabet: k distinct symbols.
        table: shape `(n, k)`, n >= 1: the next state, in `0..n-1`.
        accepting: shape `(n,)`: whether the word may stop in each state.
        start: the start state.

    Raises:
        BadInput: when the shapes do not fit, a state does not exist or a symbol repeats.
        BudgetExceeded: when the table is larger than the budget allows.

    Complexity: `O(n k log n)`.

    >>> even = make_dfa("ab", [[1, 0], [0, 1]], [True, False])
    >>> "abba" in even, "ab" in even, even.states
    (True, False, 2)
    """
    symbols = check_alphabet(alphabet)
    flags = np.asarray(accepting, bool)
    if flags.ndim != 1 or not len(flags):
        raise BadInput("accepting", "must be a list of one flag per state", "Give at least one state.")
    rows = np.asarray(table)
    if rows.size == 0:
        rows = np.zeros((len(flags), 0), np.int64) if not symbols else rows
    if rows.shape != (len(flags), len(symbols)):
        why = f"has shape {rows.shape}, not {(len(flags), len(symbols))} (states, symbols)"
        raise BadInput("table", why, "Give one row per state, one column per symbol.")
    if rows.size and not (
        np.issubdtype(rows.dtype, np.integer) and 0 <= rows.min() <= rows.max() < len(flags)
    ):
        raise BadInput("table", "names a state that does not exist", f"Use the numbers 0..{len(flags) - 1}.")
    if not 0 <= start < len(flags):
        raise BadInput(f"start {start}", "is not a state", f"Use a number in 0..{len(flags) - 1}.")
    budget.check_states(len(flags), "making a DFA")
    check_entries(len(flags), len(symbols), budget)
    return freeze(symbols, *minimise(rows, flags, start, budget=budget), spec=spec, definition=definition)


def freeze(
    alphabet: tuple[str, ...],
    table: Table,
    accepting: Flags,
    *,
    spec: str = "",
    definition: str | None = None,
) -> DFA:
    """Return the DFA of a table that is known to be minimal, complete and numbered breadth-first."""
    return DFA(alphabet, _read_only(table), _read_only(accepting), spec, definition)


def check_entries(states: int, symbols: int, budget: Budget) -> None:
    """Raise `BudgetExceeded` when a table with this many states and symbols would not fit in memory."""
    if states * symbols > _ENTRIES_PER_STATE * budget.max_states:
        why = f"a table of {states:,} states by {symbols:,} symbols is too large"
        raise BudgetExceeded("making a DFA", why, "Use fewer symbols, or raise --max-states.")


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
