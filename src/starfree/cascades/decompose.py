"""From a DFA to the best cascade that we know how to find."""

from __future__ import annotations

from ..algebra.images import image_orbit
from ..budgets import DEFAULT, Budget
from ..languages import DFA
from .cascade import Cascade
from .extract import extract
from .holonomy import Holonomy, holonomy
from .rotors import Rotors
from .simplify import simplify


def decompose(
    dfa: DFA, *, task: str = "recognise", rotors: Rotors | None = None, budget: Budget = DEFAULT
) -> Cascade:
    """Return a cascade for a language, with the fewest levels, then the fewest bits.

    A star-free language is a cascade of latches; with rotors any whose groups are made of them.

    Four decompositions are compared: holonomy and merged holonomy, of the complete automaton and of its live
    part (for recognise, with one latch that remembers a dead prefix; predict does not need it).

    Arguments:
        dfa: the minimal complete DFA.
        task: "recognise" or "predict".
        rotors: None for latches only; "signed" for rotors of two values, "complex" for any cyclic groups.

    Raises:
        BadInput: when the language is not star-free, or its groups are not made of such rotors.
        BudgetExceeded: when there are too many image sets or rules.

    Complexity: with N image sets (at most 2^n, usually below 10 n), O(N^2) plus the rules written.

    Source: Krohn and Rhodes; Eilenberg; Maler and Pnueli, FOCS 1990.

    >>> from starfree.languages import regex
    >>> cascade = decompose(regex("(ab)*"), task="predict")
    >>> cascade.levels, cascade.bits
    (1, 1)
    >>> [(cell.size, cell.turns) for cell in decompose(regex("(aaa)*"), rotors="complex").cells]
    [(3, True)]
    """
    everything = (1 << dfa.states) - 1
    dead = 0 if dfa.dead_state is None or dfa.states == 1 else 1 << dfa.dead_state
    candidates = []
    for states in dict.fromkeys([everything, everything & ~dead]):
        if task == "predict" and states & dead:
            continue
        orbit = image_orbit(dfa, states=states, budget=budget)
        latch = task == "recognise" and states != everything
        towers: list[Holonomy] = []
        for merged in (True, False):
            tower = holonomy(orbit, dfa.start, merged=merged, groups=rotors is not None, budget=budget)
            if not any(tower.tiles == other.tiles and tower.depth == other.depth for other in towers):
                towers.append(tower)
        for tower in towers:
            for tidy in (True, False):
                if tower.turning and not tidy:
                    continue  # rules over rotors are many, and the tidy ones are preferred anyway
                made = extract(
                    dfa, orbit, tower, task=task, latch=latch, tidy=tidy, rotors=rotors, budget=budget
                )
                candidates.append((simplify(made), not tidy))
    return min(candidates, key=lambda made: (made[0].levels, made[0].bits, made[1], made[0].rule_count))[0]
