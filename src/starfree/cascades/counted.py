"""A counter in place of a chain of latches: a regular language as a program that counts.

If the live states of an automaton are strongly connected and have potentials, numbers such that each symbol
changes them by a weight of its own, then the sum of the weights of the symbols read tells the state. One
counter stands for all levels of a cascade, and one latch remembers a dead prefix.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..algebra.crasp import components
from ..budgets import DEFAULT, Budget
from ..languages import DFA
from ..programs import Program
from ..programs.expressions import FALSE, TRUE, Expression, Linear, all_of, any_of
from ..programs.operators import count, once, read


def counted(dfa: DFA, *, budget: Budget = DEFAULT) -> Program | None:
    """Return a program for a regular language with one counter for all live states.

    Arguments:
        dfa: the minimal complete DFA.

    Returns:
        None when the live states are not strongly connected, or no sum of weights of the symbols read tells
        them apart.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: that of `components`, and linear in the transitions.

    Source: the potentials of the C-RASP test, arXiv:2608.13433, as the increments of a counter.

    >>> from starfree.languages import catalog
    >>> print(counted(catalog["d_3"].dfa))  # doctest: +ELLIPSIS
    a legal: ~(count(read('a')) - count(read('b')) >= 3)
    b legal: (count(read('a')) - count(read('b')) >= 1)
    END legal: ~(count(read('a')) - count(read('b')) >= 1)
    dead: once(read('a') & (count(read('a')) - count(read('b')) >= 4) | ...
    """
    live = dfa.live.nonzero()[0].tolist()
    parts = [part for part in components(dfa, budget=budget) if list(part.states) == live]
    if not parts or not parts[0].separated or len(parts[0].rounds) > 1:
        return None
    base = parts[0].rounds[0][0][live.index(dfa.start)]
    potential = {q: value - base for q, value in zip(live, parts[0].rounds[0][0], strict=True)}
    table = dfa.table.tolist()
    weights = []
    for letter in range(len(dfa.alphabet)):
        moves = {potential[table[q][letter]] - potential[q] for q in live if table[q][letter] in potential}
        weights.append(moves.pop() if moves else 0)
    total = Linear({}, 0)
    for weight in sorted(set(weights) - {0}):
        symbols = [s for s, w in zip(dfa.alphabet, weights, strict=True) if w == weight]
        total = total + weight * count(read(*symbols))
    values = sorted(potential.values())
    legal, wrong = [], []
    for letter, symbol in enumerate(dfa.alphabet):
        before = {potential[q] for q in live if table[q][letter] in potential}
        legal.append(_among(total, values, before, 0))
        bad = _among(total, values, set(values) - before, weights[letter])
        wrong.append(all_of(read(symbol), bad))
    accepting = {potential[q] for q in live if dfa.accepting[q]}
    dead = any_of(*wrong)
    return Program(
        dfa.alphabet,
        tuple(legal),
        _among(total, values, accepting, 0),
        FALSE if dead is FALSE else once(dead),
        dfa.spec,
        dfa.definition,
    )


def _among(total: Linear, values: Sequence[int], wanted: set[int], more: int) -> Expression:
    """Return that a number is one of those wanted, `more` added; it is one of the values, `more` added."""
    found = []
    for holds, run in groupby(values, key=lambda value: value in wanted):
        if holds:
            some = list(run)
            low = TRUE if some[0] == values[0] else total >= some[0] + more
            high = TRUE if some[-1] == values[-1] else total <= some[-1] + more
            found.append(all_of(low, high))
    return any_of(*found)
