"""Properties that a window of the word, its beginning or its end decides: tests on pairs of states."""

from __future__ import annotations

import numpy as np

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from .pairs import Pairs
from .scc import longest_path


def definite_window(graph: Pairs) -> int | None:
    """Return the least k such that the last k symbols tell the state, or None when no k is enough.

    Source: Perles, Rabin, Shamir 1963: `se = e`; the graph on pairs of distinct states has no cycle.
    """
    return longest_path(graph.successors, budget=graph.budget)


def reverse_definite(rows: list[list[int]], component: list[int]) -> bool:
    """Tell whether a prefix of bounded length decides: states on a cycle lead to themselves only."""
    size = np.bincount(component)
    return all(size[component[q]] == 1 and (q not in row or set(row) == {q}) for q, row in enumerate(rows))


def generalised_definite(graph: Pairs, reach: list[int]) -> bool:
    """Tell whether a prefix and a suffix of bounded length decide membership.

    Source: `ese = e`: no word x fixes distinct states of which one reaches the other.
    """
    for i in np.flatnonzero(graph.on_cycle).tolist():
        p, q = int(graph.first[i]), int(graph.second[i])
        if reach[p] >> q & 1 or reach[q] >> p & 1:
            return False
    return True


def locally_testable(graph: Pairs, reach: list[int]) -> bool:
    """Tell whether the set of factors of bounded length, with the word's two ends, decides membership.

    Source: Kim, McNaughton, McCloskey 1991. For distinct p and q fixed by one word: they do not reach each
        other; and where
    q is reached from p, each word keeps q within reach from both or from neither.
    """
    apart = graph.told_apart(reach)
    for i in np.flatnonzero(graph.on_cycle).tolist():
        p, q = int(graph.first[i]), int(graph.second[i])
        if not reach[p] >> q & 1:
            p, q = q, p
        if reach[p] >> q & 1 and (reach[q] >> p & 1 or apart[i] >> q & 1):
            return False
    return True


def strictly_local(dfa: DFA, graph: Pairs) -> bool:
    """Tell whether the language is given by the factors of bounded length that may occur, ends included.

    Source: suffix substitution: no word fixes two distinct live states.
    """
    both = dfa.live[graph.first] & dfa.live[graph.second]
    return not (graph.on_cycle & both).any()


def r_infinity(graph: Pairs, reach: list[int]) -> bool:
    """Tell whether no R-class of an aperiodic monoid has two idempotents.

    Idempotents e and f with ef = f and fe = e differ exactly when, for some states p and q, one word leads
    both to p and another leads both to q: take p = s·e and q = s·f for a state s with p ≠ q. Conversely let u
    and v be the idempotent powers of such words and g = (uv)^ω: gu is idempotent, R-equivalent to g, and
    leads both to p where g leads both to q.
    """
    merged = graph.merged_into(reach)
    return not any(
        m >> p & 1 and m >> q & 1
        for m, p, q in zip(merged, graph.first.tolist(), graph.second.tolist(), strict=True)
    )


def confluent(dfa: DFA, *, budget: Budget = DEFAULT) -> bool:
    """Tell whether an R-trivial monoid is J-trivial: a(ab)^ω = (ab)^ω = b(ab)^ω for all letters.

    Source: Klíma and Polák 2013: some word over {a, b} leads q·a and q·b to one state; (ab)^ω does if any
        does.

    Raises:
        BudgetExceeded: when time is up.
    """
    columns = dfa.table.T.astype(np.int64)
    n, k = dfa.table.shape
    for i in range(k):
        for j in range(i):
            budget.check_time("comparing pairs of symbols")
            settled, steps = columns[j][columns[i]], 1
            while steps < n:
                settled, steps = settled[settled], 2 * steps
            if (settled[columns[i]] != settled[columns[j]]).any():
                return False
    return True
