"""From a star-free DFA to the best cascade that we know how to find."""

from __future__ import annotations

from ..algebra.images import image_orbit
from ..budgets import DEFAULT, Budget
from ..languages import DFA
from .cascade import Cascade
from .extract import extract
from .holonomy import holonomy
from .simplify import simplify


def decompose(dfa: DFA, *, task: str = "recognise", budget: Budget = DEFAULT) -> Cascade:
    """Return a cascade of latches for a star-free language, with the fewest levels, then the fewest bits.

    Four decompositions are compared: holonomy and merged holonomy, of the complete automaton and of its live part (for
    recognise, with one latch that remembers a dead prefix; predict does not need it).

    Arguments:
        dfa: the minimal complete DFA.
        task: "recognise" or "predict".

    Raises:
        BadInput: when the language is not star-free.
        BudgetExceeded: when there are too many image sets or rules.

    Complexity: with N image sets (at most 2^n, usually below 10 n), O(N^2) plus the rules written.

    Source: Krohn and Rhodes; Eilenberg; Maler and Pnueli, FOCS 1990.

    >>> from starfree.languages import regex
    >>> cascade = decompose(regex("(ab)*"), task="predict")
    >>> cascade.levels, cascade.bits
    (1, 1)
    """
    candidates = []
    dead = dfa.dead_state
    parts: list[tuple[list[list[int]], int]] = []
    complete = dfa.table.T.tolist()
    if dead is None or task == "recognise":
        parts.append((complete, (1 << dfa.states) - 1))
    if dead is not None and dfa.states > 1:
        live = [[-1 if target == dead else target for target in column] for column in complete]
        for column in live:
            column[dead] = -1
        parts.append((live, ((1 << dfa.states) - 1) & ~(1 << dead)))
    elif dead is not None and task == "predict":
        parts.append((complete, 1))
    for columns, states in parts:
        orbit = image_orbit(dfa, states=states, budget=budget)
        latch = task == "recognise" and len(parts) > 1 and columns is not complete
        for merged in (True, False):
            tower = holonomy(orbit, columns, dfa.start, merged=merged, budget=budget)
            candidates.append(simplify(extract(dfa, columns, tower, task=task, latch=latch, budget=budget)))
    return min(candidates, key=lambda cascade: (cascade.levels, cascade.bits, cascade.rule_count))
