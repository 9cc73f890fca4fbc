"""No pass over a large automaton or group goes on when time is up."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from starfree.algebra.aperiodic import aperiodicity, is_aperiodic, permuting, pump
from starfree.algebra.crasp import components
from starfree.algebra.groups import group_facts, natural_order
from starfree.algebra.images import image_orbit
from starfree.algebra.local import confluent
from starfree.algebra.pairs import pairs, reachability
from starfree.algebra.permutations import orbits, primitive
from starfree.algebra.properties import properties
from starfree.algebra.quasi_aperiodic import is_quasi_aperiodic
from starfree.algebra.scc import longest_path, strong_components
from starfree.algebra.subgroups import subgroups
from starfree.algebra.words import action, paths, separate, shortest
from starfree.budgets import Budget
from starfree.errors import BudgetExceeded
from starfree.languages import DFA, catalog, load, regex
from starfree.languages.minimise import renumber
from starfree.verdicts.decide import decide
from starfree.verdicts.orders import mutually_reachable, topological_order

LONG = regex("(a{40000})*")
ROWS = LONG.table.tolist()
TURN = tuple([*range(1, 40_000), 0])
SWAP = (1, 0, *range(2, 40_000))
PASSES: dict[str, Callable[[Budget], object]] = {
    "action": lambda budget: action((0,), LONG.table, budget=budget),
    "aperiodicity": lambda budget: aperiodicity(LONG, budget=budget),
    "components": lambda budget: components(LONG, budget=budget),
    "confluent": lambda budget: confluent(regex("[abc]*"), budget=budget),
    "group_facts": lambda budget: group_facts([TURN, SWAP], 40_000, budget=budget),
    "image_orbit": lambda budget: image_orbit(LONG, budget=budget),
    "is_aperiodic": lambda budget: is_aperiodic(LONG, budget=budget),
    "is_quasi_aperiodic": lambda budget: is_quasi_aperiodic(LONG, budget=budget),
    "longest_path": lambda budget: longest_path(np.array([[1], [-1]]), budget=budget),
    "mutually_reachable": lambda budget: mutually_reachable(LONG, differing=False, budget=budget),
    "natural_order": lambda budget: natural_order([TURN, SWAP], 40_000, budget=budget),
    "orbits": lambda budget: orbits([TURN], 40_000, budget=budget),
    "pairs": lambda budget: pairs(regex("(ab)*"), budget=budget),
    "paths": lambda budget: paths(ROWS, 0, budget=budget),
    "permuting": lambda budget: permuting(np.array([[1, 0]]), budget=budget),
    "primitive": lambda budget: primitive([TURN, SWAP], 40_000, budget=budget),
    "pump": lambda budget: pump(LONG, (0,), [0, 1], budget=budget),
    "reachability": lambda budget: reachability(ROWS, budget=budget),
    "renumber": lambda budget: renumber(LONG.table, budget=budget),
    "separate": lambda budget: separate(ROWS, LONG.accepting.tolist(), 1, 2, budget=budget),
    "shortest": lambda budget: shortest(ROWS, 0, 39_999, budget=budget),
    "strong_components": lambda budget: strong_components(ROWS, budget=budget),
    "subgroups": lambda budget: subgroups(LONG, budget=budget),
    "topological_order": lambda budget: topological_order(LONG, budget=budget),
}


@pytest.mark.parametrize("name", PASSES)
def test_every_pass_looks_at_the_clock(name: str) -> None:
    with pytest.raises(BudgetExceeded, match="time limit"):
        PASSES[name](Budget(deadline=time.monotonic() - 1))


def in_time(dfa: DFA, seconds: float) -> None:
    begun = time.process_time()
    decision = decide(dfa, timeout=seconds)
    decision.to_json()
    assert time.process_time() - begun < seconds + 2


@pytest.mark.parametrize("name", ["s_7", "s_8", "mod(60000)", "z(70000)"])
def test_large_groups_are_decided_in_time(name: str) -> None:
    in_time(load(f"@{name}").dfa, 0.5)


def test_what_is_known_when_time_is_up_stays() -> None:
    dfa = catalog["s_7"].dfa
    assert properties(dfa, budget=Budget(deadline=time.monotonic() - 1)).group_language
    decision = decide(dfa, timeout=0.001)
    assert decision["rnn"].expressible == "yes"
    assert decision["Mamba"].expressible == "unknown"


def test_evidence_that_a_budget_prevents_is_not_sought_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from starfree.verdicts import regular

    asked: list[object] = []

    def in_vain(*arguments: object, **options: object) -> None:
        asked.append(arguments[2:])
        raise BudgetExceeded("seeking", "the time limit ran out", "Raise --timeout.")

    monkeypatch.setattr(regular, "evidence", in_vain)
    decision = decide("(aa)*")
    claims = [verdict for verdict in decision if verdict.expressible in ("yes", "no")]
    assert all(verdict.certificate is None and "budget" in verdict.because for verdict in claims)
    assert len(asked) == len(set(asked))
