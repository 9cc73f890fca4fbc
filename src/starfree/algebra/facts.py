"""Facts about a language that several of its properties rest on, each worked out once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np

from ..budgets import Budget
from ..errors import BudgetExceeded
from ..languages.dfa import DFA
from .aperiodic import is_aperiodic
from .crasp import components
from .greens import Greens, greens
from .local import confluent, definite_window, r_infinity
from .monoid import Monoid, first_elements, transition_monoid
from .pairs import Pairs, pairs, reachability
from .scc import strong_components
from .size import monoid_size

T = TypeVar("T")

_SMALL = 2_000  # a monoid of so many elements is enumerated at once; larger ones are counted first


class Once(Generic[T]):
    """A property that is found once, or fails once: asking again raises `BudgetExceeded` again."""

    def __init__(self, ask: Callable[[Any], T]) -> None:
        self.ask, self.name = ask, ask.__name__

    def __get__(self, facts: Facts, owner: type[Facts]) -> T:
        if self.name not in facts.outcomes:
            try:
                facts.outcomes[self.name] = self.ask(facts)
            except BudgetExceeded as error:
                facts.outcomes[self.name] = error
        outcome = facts.outcomes[self.name]
        if isinstance(outcome, BudgetExceeded):
            raise BudgetExceeded(outcome.what, outcome.why, outcome.do)
        found: T = outcome
        return found


class Facts:
    """Facts that others build on, each found when first asked for; asking may raise `BudgetExceeded`."""

    def __init__(self, dfa: DFA, budget: Budget) -> None:
        self.dfa, self.budget = dfa, budget
        self.outcomes: dict[str, Any] = {}
        self.rows: list[list[int]] = dfa.table.tolist()

    @Once
    def component(self) -> list[int]:
        return strong_components(self.rows, budget=self.budget)

    @Once
    def r_trivial(self) -> bool:
        return len(set(self.component)) == self.dfa.states

    @Once
    def j_trivial(self) -> bool:
        return self.r_trivial and confluent(self.dfa, budget=self.budget)

    @Once
    def aperiodic(self) -> bool:
        return self.r_trivial or is_aperiodic(self.dfa, budget=self.budget)

    @Once
    def pairs(self) -> Pairs:
        return pairs(self.dfa, budget=self.budget)

    @Once
    def reach(self) -> list[int]:
        return reachability(self.rows, budget=self.budget)

    @Once
    def window(self) -> int | None:
        return definite_window(self.pairs) if self.aperiodic else None

    @Once
    def r_infinity(self) -> bool:
        return self.r_trivial or (self.aperiodic and r_infinity(self.pairs, self.reach))

    @Once
    def c_rasp(self) -> bool:
        if (
            self.r_trivial or not self.r_infinity
        ):  # R-trivial languages are in C-RASP, and those have R∞ monoids
            return self.r_trivial
        return all(part.separated for part in components(self.dfa, budget=self.budget))

    @Once
    def _small(self) -> Monoid | None:
        """The monoid when it is small."""
        most = min(_SMALL, self.budget.max_elements)
        found, complete = first_elements(self.dfa.table.T, most + 1, budget=_unlimited(self.budget))
        return found if complete and len(found) <= most else None

    @Once
    def monoid_size(self) -> int | None:
        if self._needs_monoid and self._small is not None:
            return len(self._small)
        return monoid_size(self.dfa, budget=self.budget)

    @property
    def _needs_monoid(self) -> bool:
        """Whether no test on the DFA settles `l_trivial` and `da`."""
        return not self.r_trivial and self.aperiodic and self.window is None

    @Once
    def _monoid(self) -> Monoid:
        if self._small is not None:
            return self._small
        if self.monoid_size is None:
            self.budget.check_elements(self.budget.max_elements + 1, "enumerating a monoid")
        return transition_monoid(self.dfa, budget=self.budget)

    @Once
    def _greens(self) -> Greens:
        return greens(self._monoid, budget=self.budget)

    @Once
    def l_trivial(self) -> bool:
        if not self._needs_monoid:
            # J-trivial is R- and L-trivial; definite, se = e, gives y(xy)^ω = (xy)^ω.
            return self.j_trivial if self.r_trivial else self.aperiodic
        return len(set(self._greens.l.tolist())) == len(self._monoid)

    @Once
    def da(self) -> bool:
        if not self._needs_monoid:
            return self.aperiodic  # R-trivial and L-trivial monoids are in DA
        regular = np.unique(self._greens.d[self._greens.idempotent])
        return bool(self._greens.idempotent[np.isin(self._greens.d, regular)].all())


def _unlimited(budget: Budget) -> Budget:
    return Budget(max_elements=1 << 62, deadline=budget.deadline)
