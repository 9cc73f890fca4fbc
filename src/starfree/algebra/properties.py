"""All properties of a regular language that verdicts and readers ask for, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages.dfa import DFA
from .facts import Facts
from .local import generalised_definite, locally_testable, reverse_definite, strictly_local
from .quasi_aperiodic import is_quasi_aperiodic
from .subgroups import Subgroups, subgroups

T = TypeVar("T")


@dataclass(frozen=True)
class Properties:
    """What is known about a regular language; None means that a budget ran out.

    Arguments:
        states: of the minimal complete DFA.
        monoid_size: number of elements of the syntactic monoid; None when it exceeds the budget.
        aperiodic: star-free.
        r_trivial, l_trivial, j_trivial: of the monoid; J-trivial means piecewise testable.
        da: definable in first-order logic with two variables.
        definite: the last `window` symbols decide; `window` is None otherwise.
        reverse_definite: a prefix of bounded length decides.
        generalised_definite: a prefix and a suffix of bounded length decide.
        locally_testable: the set of factors of bounded length decides; strictly_local: no forbidden factor
            decides.
        stutter_invariant: repeating a symbol changes nothing.
        group_language: the monoid is a group.
        r_infinity: aperiodic, and no R-class has two idempotents.
        quasi_aperiodic: in AC0.
        c_rasp: told by counting; see `starfree.algebra.crasp`.
        subgroups: what the groups in the monoid have in common.
    """

    states: int
    monoid_size: int | None
    aperiodic: bool | None
    r_trivial: bool | None
    l_trivial: bool | None
    j_trivial: bool | None
    da: bool | None
    definite: bool | None
    window: int | None
    reverse_definite: bool | None
    generalised_definite: bool | None
    locally_testable: bool | None
    strictly_local: bool | None
    stutter_invariant: bool | None
    group_language: bool | None
    r_infinity: bool | None
    quasi_aperiodic: bool | None
    c_rasp: bool | None
    subgroups: Subgroups | None

    @property
    def piecewise_testable(self) -> bool | None:
        """The set of scattered subwords of bounded length decides (Simon 1975)."""
        return self.j_trivial


def properties(dfa: DFA, *, budget: Budget = DEFAULT) -> Properties:
    """Return the properties of a regular language; a budget that runs out leaves what needs it unknown.

    Arguments:
        dfa: the minimal complete DFA.

    Complexity: polynomial in states and image sets, but for `l_trivial` and `da`, which may need the monoid.

    Source: see the function of each property.

    >>> from starfree.languages import regex
    >>> found = properties(regex("(ab)*"))
    >>> found.monoid_size, found.aperiodic, found.r_trivial, found.c_rasp, found.strictly_local
    (6, True, False, True, True)
    """
    facts = Facts(dfa, budget)
    aperiodic = _known(lambda: facts.aperiodic)
    window = _known(lambda: facts.window)
    definite = _known(lambda: facts.window is not None)
    return Properties(
        dfa.states,
        _known(lambda: facts.monoid_size),
        aperiodic,
        _known(lambda: facts.r_trivial),
        _known(lambda: facts.l_trivial),
        _known(lambda: facts.j_trivial),
        _known(lambda: facts.da),
        definite,
        window,
        _known(lambda: reverse_definite(facts.rows, facts.component)),
        definite or _known(lambda: facts.aperiodic and generalised_definite(facts.pairs, facts.reach)),
        definite or _known(lambda: facts.aperiodic and locally_testable(facts.pairs, facts.reach)),
        definite or _known(lambda: facts.aperiodic and strictly_local(dfa, facts.pairs)),
        _stutter_invariant(dfa),
        all(bool((np.bincount(column, minlength=dfa.states) == 1).all()) for column in dfa.table.T),
        _known(lambda: facts.r_infinity),
        True if aperiodic else _known(lambda: is_quasi_aperiodic(dfa, budget=budget)),
        _known(lambda: facts.c_rasp),
        _known(lambda: subgroups(dfa, budget=budget)),
    )


def _known(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except BudgetExceeded:
        return None


def _stutter_invariant(dfa: DFA) -> bool:
    columns = dfa.table.T
    return all(bool((column[column] == column).all()) for column in columns)
