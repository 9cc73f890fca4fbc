"""What the last symbol and an R-trivial automaton tell about live prefixes: enough for prediction."""

from __future__ import annotations

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from .scc import strong_components


def last_symbol_quotient(dfa: DFA, *, budget: Budget = DEFAULT) -> tuple[tuple[int, ...], ...] | None:
    """Return classes of live states that an R-trivial automaton follows and that, with the last symbol, tell
    the state.

    The classes are the finest that letters respect (where both results are live) and whose graph has no cycle
    but
    loops: whatever merges any such classes merges these. So when they fail, all do.

    Arguments:
        dfa: the minimal complete DFA.

    Returns:
        a partition of the live states, by least state; None when two live states that one symbol leads to,
        from live states, share a class.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `O(n^2 k)` up to an inverse Ackermann factor.

    >>> from starfree.languages import regex
    >>> last_symbol_quotient(regex("(ab)*")), last_symbol_quotient(regex("(aa)*"))
    (((0, 1),), None)
    """
    live = dfa.live.tolist()
    rows = [
        [target if live[target] and live[q] else -1 for target in row]
        for q, row in enumerate(dfa.table.tolist())
    ]
    above = list(range(dfa.states))

    def find(q: int) -> int:
        while above[q] != q:
            above[q] = above[above[q]]
            q = above[q]
        return q

    # The outgoing edges of a class; where two states of a class go by one letter is merged.
    out = [list(row) for row in rows]

    def merge(p: int, q: int) -> None:
        todo = [(p, q)]
        while todo:
            p, q = (find(state) for state in todo.pop())
            if p == q:
                continue
            p, q = min(p, q), max(p, q)
            above[q] = p
            for a, (x, y) in enumerate(zip(out[p], out[q], strict=True)):
                if x < 0:
                    out[p][a] = y
                elif y >= 0:
                    todo.append((x, y))

    merged = True
    while merged:
        budget.check_time("looking for a quotient without cycles")
        heads = [q if find(q) == q and live[q] else -1 for q in range(dfa.states)]
        graph = [
            [find(target) for target in out[q] if target >= 0] if heads[q] >= 0 else []
            for q in range(dfa.states)
        ]
        component = strong_components(graph, budget=budget)
        first: dict[int, int] = {}
        merged = False
        for q in range(dfa.states):
            if heads[q] >= 0 and first.setdefault(component[q], q) != q:
                merge(first[component[q]], q)
                merged = True
    for a in range(len(dfa.alphabet)):
        entered = {row[a] for row in rows if row[a] >= 0}
        if len({find(q) for q in entered}) < len(entered):
            return None
    classes: dict[int, list[int]] = {}
    for q in range(dfa.states):
        if live[q]:
            classes.setdefault(find(q), []).append(q)
    return tuple(map(tuple, classes.values()))
