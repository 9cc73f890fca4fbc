"""What words do to two states at once: the graph on unordered pairs of distinct states."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from .scc import strong_components

_DOING = "following pairs of states"
_EVERY = 1 << 12  # pairs between two looks at the clock


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs {p < q} of some states, and where letters take them.

    Arguments:
        states: n states of the automaton.
        first, second: shape `(m,)`: p and q of each pair.
        successors: shape `(m, k)`: the pair after a letter; -1 - s when both go to state s; `-1 - states`
            when one of them leaves the states considered.

    What is worked out when first asked for raises `BudgetExceeded` when the time of `budget` is up.
    """

    states: int
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    successors: NDArray[np.int64]
    budget: Budget = field(default=DEFAULT, repr=False)

    @cached_property
    def component(self) -> list[int]:
        """The strongly connected component of each pair, sinks first."""
        return strong_components(self.successors.tolist(), budget=self.budget)

    @cached_property
    def on_cycle(self) -> NDArray[np.bool_]:
        """Shape `(m,)`: whether some word that is not empty leads the pair back to itself."""
        component = np.array(self.component, np.int64)
        around = (self.successors >= 0) & (component[np.maximum(self.successors, 0)] == component[:, None])
        return np.asarray(around.any(axis=1)) if len(component) else np.zeros(0, bool)

    def merged_into(self, reach: list[int]) -> list[int]:
        """Return for each pair the set (bit mask) of states that some word leads both of its states to.

        Arguments:
            reach: for each state the bit mask of the states that words lead it to, itself included.
        """
        return self._gather([0] * len(self.first), reach)

    def told_apart(self, reach: list[int]) -> list[int]:
        """Return for each pair the states that, after some word, are within reach of exactly one."""
        own = [reach[p] ^ reach[q] for p, q in zip(self.first.tolist(), self.second.tolist(), strict=True)]
        return self._gather(own, [0] * self.states)

    def _gather(self, own: list[int], merged: list[int]) -> list[int]:
        """For each pair, unite what belongs to the pairs, and to the single states, that words lead it to."""
        order = sorted(range(len(self.component)), key=self.component.__getitem__)
        total = [0] * (1 + max(self.component, default=0))
        merged = [*merged, 0]  # for letters that leave the states considered
        rows = self.successors.tolist()
        for place, i in enumerate(order):
            if not place % _EVERY:
                self.budget.check_time(_DOING)
            found = own[i]
            for target in rows[i]:
                found |= total[self.component[target]] if target >= 0 else merged[-1 - target]
            total[self.component[i]] |= found
        return [total[c] for c in self.component]


def pairs(dfa: DFA, *, live: bool = False, budget: Budget = DEFAULT) -> Pairs:
    """Return the graph on pairs of distinct states.

    Arguments:
        live: consider live states only, and letters while both stay live.

    Raises:
        BudgetExceeded: when there are more than `budget.max_states` pairs.

    Complexity: `O(n^2 k)`.
    """
    budget.check_time(_DOING)
    n = dfa.states
    kept = np.flatnonzero(dfa.live) if live else np.arange(n)
    budget.check_states(len(kept) * (len(kept) - 1) // 2, _DOING)
    i, j = np.triu_indices(len(kept), 1)
    first, second = kept[i], kept[j]
    number = np.full((n, n), -1 - n, np.int64)
    number[first, second] = number[second, first] = np.arange(len(first))
    number[kept, kept] = -1 - kept
    successors = number[dfa.table[first], dfa.table[second]]
    return Pairs(n, first, second, successors, budget)


def reachability(rows: list[list[int]], *, budget: Budget = DEFAULT) -> list[int]:
    """Return for each state the bit mask of the states that words lead it to, itself included.

    Raises:
        BudgetExceeded: when time is up.
    """
    component = strong_components(rows, budget=budget)
    total = [0] * (1 + max(component))
    for i, c in enumerate(component):
        total[c] |= 1 << i
    order = sorted(range(len(rows)), key=component.__getitem__)
    for place, i in enumerate(order):
        if not place % _EVERY:
            budget.check_time(_DOING)
        for target in rows[i]:
            total[component[i]] |= total[component[target]]
    return [total[c] for c in component]
