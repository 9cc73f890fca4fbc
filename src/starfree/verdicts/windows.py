"""How many last symbols tell the state, or two prefixes that no window of them tells apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..algebra.local import definite_window
from ..algebra.pairs import pairs
from ..algebra.words import Word, action, paths, shortest, trace
from ..budgets import DEFAULT, Budget
from ..languages import DFA


@dataclass(frozen=True)
class PairCycle:
    """Two prefixes whose states stay distinct however often x is read.

    Arguments:
        u1, u2: words that lead to distinct states.
        x: a word, not empty, that leads each of them back to itself.
    """

    u1: Word
    u2: Word
    x: Word


def window(dfa: DFA, *, live: bool = False, budget: Budget = DEFAULT) -> int | PairCycle:
    """Return the number of last symbols that tell the state, or two prefixes that none tell apart.

    Arguments:
        dfa: any minimal DFA.
        live: ask about live states only, and words along which they stay live.

    Raises:
        BudgetExceeded: when there are more pairs of states than `budget.max_states`.

    Complexity: `O(n^2 k)`.

    Source: Perles, Rabin and Shamir 1963: definite means that the graph on pairs of distinct states has no
    cycle.

    >>> from starfree.languages import regex
    >>> window(regex("(a|b)*ab")), window(regex("(ab)*"), live=True), window(regex("(aa)*"))
    (2, 1, PairCycle(u1=(), u2=(0,), x=(0, 0)))
    """
    graph = pairs(dfa, live=live, budget=budget)
    longest = definite_window(graph)
    if longest is not None:
        return longest
    i = int(np.flatnonzero(graph.on_cycle)[0])
    p, q = int(graph.first[i]), int(graph.second[i])
    x = shortest(graph.successors.tolist(), i, i, least=1, budget=budget)
    assert x is not None
    if action(x, dfa.table, budget=budget)[p] != p:  # once around swaps the two
        x = x + x
    tree = paths(dfa.table.tolist(), dfa.start, budget=budget)
    return PairCycle(trace(tree, p), trace(tree, q), x)
