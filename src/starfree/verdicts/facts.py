"""The facts that rules ask about, each found when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..algebra.aperiodic import is_aperiodic
from ..algebra.crasp import Component, components
from ..algebra.predict import last_symbol_quotient
from ..algebra.properties import Properties
from ..algebra.quasi_aperiodic import is_quasi_aperiodic
from ..algebra.subgroups import subgroups
from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages import DFA
from .named import named
from .orders import mutually_reachable, topological_order
from .rules import Fact, FactName
from .windows import window


class Facts:
    """Looks up facts about one language; a fact that a budget prevents is None.

    Arguments:
        dfa: the language's.
        properties: what is already known.
    """

    def __init__(self, dfa: DFA, properties: Properties | None = None, *, budget: Budget = DEFAULT) -> None:
        self._dfa, self._budget = dfa, budget
        self._found: dict[FactName, Fact] = {} if properties is None else _known(properties)

    def __call__(self, name: FactName) -> Fact:
        """Return a fact; `unnamed` and `regular` are always known."""
        if name not in self._found:
            try:
                self._found[name] = self._implied(name) or self._find(name)
            except BudgetExceeded:
                self._found[name] = None
        return self._found[name]

    def _implied(self, name: FactName) -> Fact:
        stronger = _IMPLIED_BY.get(name)
        return stronger is not None and self(stronger)

    def _find(self, name: FactName) -> bool:
        if name not in _AT_ONCE:
            self._budget.check_time("deciding")
        return _FINDERS[name](self._dfa, self._budget)


def _known(properties: Properties) -> dict[FactName, Fact]:
    groups = properties.subgroups
    found: dict[FactName, Fact] = {
        "r_trivial": properties.r_trivial,
        "aperiodic": properties.aperiodic,
        "definite": properties.definite,
        "c_rasp": properties.c_rasp,
        "quasi_aperiodic": properties.quasi_aperiodic,
        "two_groups": None if groups is None else groups.two_groups,
        "solvable": None if groups is None else groups.solvable,
    }
    # A fact that is not known here may follow from a stronger one.
    return {name: fact for name, fact in found.items() if fact is not None}


_IMPLIED_BY: Mapping[FactName, FactName] = {
    "aperiodic": "r_trivial",
    "c_rasp": "r_trivial",
    "quasi_aperiodic": "aperiodic",
    "two_groups": "aperiodic",
    "solvable": "aperiodic",
    "live_definite": "definite",
}
"""For some facts a stronger one that is cheaper or already known."""


_AT_ONCE: tuple[FactName, ...] = ("unnamed", "regular")
"""Facts that take no time, and so are known however little there is."""


def confused(dfa: DFA, *, differing: bool, budget: Budget = DEFAULT) -> Component | None:
    """Return a component in which counting leaves states together, or None.

    Arguments:
        differing: ask for two such states that some symbol takes to distinct states.

    Complexity: that of `starfree.algebra.crasp`.
    """
    rows = dfa.table.tolist()
    for component in components(dfa, budget=budget):
        for together in component.classes:
            if len(together) > 1 and not (differing and all(rows[q] == rows[together[0]] for q in together)):
                return component
    return None


def _c_settled(dfa: DFA, budget: Budget) -> bool:
    return dfa.dead_state is not None or confused(dfa, differing=True, budget=budget) is None


def _r_settled(dfa: DFA, budget: Budget) -> bool:
    return dfa.dead_state is not None or mutually_reachable(dfa, differing=True, budget=budget) is None


_FINDERS: Mapping[FactName, Callable[[DFA, Budget], bool]] = {
    "aperiodic": lambda dfa, budget: is_aperiodic(dfa, budget=budget),
    "definite": lambda dfa, budget: isinstance(window(dfa, budget=budget), int),
    "r_trivial": lambda dfa, budget: topological_order(dfa, budget=budget) is not None,
    "c_rasp": lambda dfa, budget: confused(dfa, differing=False, budget=budget) is None,
    "quasi_aperiodic": lambda dfa, budget: is_quasi_aperiodic(dfa, budget=budget),
    "two_groups": lambda dfa, budget: subgroups(dfa, budget=budget).two_groups,
    "solvable": lambda dfa, budget: subgroups(dfa, budget=budget).solvable,
    "live_definite": lambda dfa, budget: isinstance(window(dfa, live=True, budget=budget), int),
    "last_symbol": lambda dfa, budget: last_symbol_quotient(dfa, budget=budget) is not None,
    "unnamed": lambda dfa, budget: named(dfa) is None,
    "r_settled": _r_settled,
    "c_settled": _c_settled,
    "regular": lambda dfa, budget: True,
}
