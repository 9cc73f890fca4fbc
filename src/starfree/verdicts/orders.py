"""Evidence read off the graph of a DFA: orders of its states, and states that reach each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..algebra.scc import strong_components
from ..algebra.words import Word, paths, trace
from ..budgets import DEFAULT, Budget
from ..languages import DFA


@dataclass(frozen=True)
class MutuallyReachable:
    """Two states p and q that reach each other: `p = start.u`, `p.x = q`, `q.y = p`.

    Arguments:
        p, q: the states, distinct.
        u, x, y: words as columns of the table.
    """

    p: int
    q: int
    u: Word
    x: Word
    y: Word


def topological_order(dfa: DFA, *, budget: Budget = DEFAULT) -> list[int] | None:
    """Return all states, each transition staying or going to a later one; None when there is no such order.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `O(n k)`.

    Source: a language is R-trivial exactly when its minimal DFA has such an order (Brzozowski and Fich 1980).

    >>> from starfree.languages import regex
    >>> topological_order(regex("a*b*")), topological_order(regex("(ab)*"))
    ([0, 1, 2], None)
    """
    budget.check_time("ordering the states")
    component = strong_components(dfa.table.tolist(), budget=budget)
    if max(component) + 1 < dfa.states:
        return None
    return sorted(range(dfa.states), key=component.__getitem__, reverse=True)


def mutually_reachable(dfa: DFA, *, differing: bool, budget: Budget = DEFAULT) -> MutuallyReachable | None:
    """Return two distinct states that reach each other, near the start, or None.

    Arguments:
        dfa: any minimal DFA.
        differing: ask for states that some symbol takes to two distinct states.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `O(n k)`.
    """
    budget.check_time("looking for states that reach each other")
    component = np.array(strong_components(dfa.table.tolist(), budget=budget))
    rows = dfa.table.tolist()
    if differing:
        _, kind = np.unique(dfa.table, axis=0, return_inverse=True)
        kind = kind.reshape(-1)
    else:
        kind = np.arange(dfa.states)
    first: dict[int, int] = {}
    for p, (part, own) in enumerate(zip(component.tolist(), kind.tolist(), strict=True)):
        if kind[first.setdefault(part, p)] != own:
            start = first[part]
            break
    else:
        return None
    tree = paths(rows, start, budget=budget)
    q = next(s for s in tree if component[s] == component[start] and kind[s] != kind[start])
    back = paths(rows, q, budget=budget)
    first_path = trace(paths(rows, 0, budget=budget), start)
    return MutuallyReachable(start, q, first_path, trace(tree, q), trace(back, start))
