"""The permutation target: the transition function of an automaton as matrices of one layer."""

from __future__ import annotations

import numpy as np

from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages import DFA
from ..models.permutation import PermutationSSM

_ENTRIES = 1 << 25  # of all matrices together: they are written out in full


def lower_permutation(
    dfa: DFA, *, task: str, origin: dict[str, object] | None = None, budget: Budget = DEFAULT
) -> PermutationSSM:
    """Return the one-layer model whose state is the state of the automaton, one-hot.

    Arguments:
        dfa: the minimal complete DFA, of N states over k symbols.
        task: recorded in the model; the weights are right for both.

    Raises:
        BudgetExceeded: when k matrices of N x N are too large to write out, or time is up.

    Complexity: k N^2 entries.

    Source: arXiv:2509.22284.

    >>> from starfree.languages import regex
    >>> model = lower_permutation(regex("(aaa)*"), task="recognise")
    >>> model.transition[0].tolist(), model.accepts("aaa"), model.accepts("aa")
    ([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], True, False)
    """
    budget.check_time("writing the matrices of an automaton")
    n, k = dfa.table.shape
    if n * n * k > _ENTRIES:
        why = f"{k:,} matrices of {n:,} x {n:,} entries are too many"
        raise BudgetExceeded("writing the matrices of an automaton", why, "Use a language with fewer states.")
    transition = np.zeros((k, n, n))
    sources = np.arange(n)
    for letter in range(k):
        transition[letter, dfa.table[:, letter], sources] = 1.0
    initial = np.zeros(n)
    initial[dfa.start] = 1.0
    readout = np.ascontiguousarray(np.where(dfa.legal_table.T, 1.0, -1.0))
    return PermutationSSM(dfa.alphabet, task, initial, transition, readout, dict(origin or {}))
