"""Boolean and rational operations on regular languages, and the shortest difference of two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from .dfa import DFA, freeze, make_dfa
from .product import product


def widen(language: DFA, alphabet: tuple[str, ...], *, budget: Budget = DEFAULT) -> DFA:
    """Return the same words over a larger alphabet: the given symbols in their order, then any others.

    Raises:
        BadInput: when a symbol is given twice.
    """
    own = set(alphabet)
    symbols = alphabet + tuple(s for s in language.alphabet if s not in own)
    if symbols == language.alphabet:
        return language
    n = language.states
    table = np.full((n + 1, len(symbols)), n, np.int64)
    for i, symbol in enumerate(symbols):
        if symbol in language.column:
            table[:n, i] = language.table[:, language.column[symbol]]
    accepting = np.append(language.accepting, False)
    return make_dfa(
        symbols, table, accepting, spec=language.spec, definition=_kept(language, symbols), budget=budget
    )


def _kept(language: DFA, symbols: tuple[str, ...]) -> str | None:
    # A definition stands alone only with its own alphabet: `.` and `~` would change their meaning.
    return language.definition if set(symbols) == set(language.alphabet) else None


def together(left: DFA, right: DFA, budget: Budget) -> tuple[DFA, DFA]:
    """Return two languages over both alphabets: the left one's symbols first, then the right one's."""
    left = widen(
        left, left.alphabet + tuple(s for s in right.alphabet if s not in left.column), budget=budget
    )
    return left, widen(right, left.alphabet, budget=budget)


def _boolean(left: DFA, right: DFA, truth: NDArray[np.bool_], sign: str, budget: Budget) -> DFA:
    left, right = together(left, right, budget)
    table, i, j = product(left.table, right.table, budget=budget)
    accepting = truth[left.accepting[i].astype(int), right.accepting[j].astype(int)]
    spec = f"({left.spec}){sign}({right.spec})" if left.spec and right.spec else ""
    return make_dfa(left.alphabet, table, accepting, spec=spec, budget=budget)


def union(left: DFA, right: DFA, *, budget: Budget = DEFAULT) -> DFA:
    """Return the words of either language, over both alphabets.

    >>> from starfree.languages import regex
    >>> union(regex("a"), regex("b")) == regex("a|b")
    True
    """
    return _boolean(left, right, np.array([[0, 1], [1, 1]], bool), "|", budget)


def intersection(left: DFA, right: DFA, *, budget: Budget = DEFAULT) -> DFA:
    """Return the words of both languages, over both alphabets."""
    return _boolean(left, right, np.array([[0, 0], [0, 1]], bool), "&", budget)


def minus(left: DFA, right: DFA, *, budget: Budget = DEFAULT) -> DFA:
    """Return the words of the first language that are not in the second, over both alphabets."""
    return _boolean(left, right, np.array([[0, 0], [1, 0]], bool), "-", budget)


def complement(language: DFA) -> DFA:
    """Return the words over the language's own alphabet that are not in it."""
    spec = f"~({language.spec})" if language.spec else ""
    return freeze(language.alphabet, language.table, ~language.accepting, spec=spec)


def difference(left: DFA, right: DFA, *, budget: Budget = DEFAULT) -> tuple[str, ...] | None:
    """Return the shortest word in exactly one of two languages, first in symbol order, or None.

    Arguments:
        left, right: symbols that one of them lacks count as symbols that it never allows; the order of
            symbols is the left alphabet's, then the right one's.

    Raises:
        BudgetExceeded: when more than `budget.max_states` pairs of states are reachable.

    Complexity: `O(n m k)` for n and m states.

    >>> from starfree.languages import regex
    >>> difference(regex("(ab)*"), regex("(ab)*|abb")), difference(regex("aa*"), regex("a+"))
    (('a', 'b', 'b'), None)
    """
    if left == right:
        return None
    left, right = together(left, right, budget)
    flags = left.accepting, right.accepting
    table, i, j = product(left.table, right.table, until=flags, budget=budget)
    differs = np.flatnonzero(left.accepting[i] != right.accepting[j])
    if not len(differs):
        return None
    # States are numbered breadth-first, so the first mention of a state is its first shortest path.
    targets, first = np.unique(table, return_index=True)
    parent = dict(zip(targets.tolist(), first.tolist(), strict=True))
    word: list[str] = []
    state = int(differs[0])
    while state:
        state, column = divmod(parent[state], len(left.alphabet))
        word.append(left.alphabet[column])
    return tuple(reversed(word))
