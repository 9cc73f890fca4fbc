"""Every property of a language beside its definition on the whole monoid."""

from __future__ import annotations

import time
from dataclasses import fields

import numpy as np
import pytest
from algebra_brute import Brute, random_dfas
from conftest import count

from starfree.algebra.properties import Properties, properties
from starfree.budgets import Budget
from starfree.languages import DFA, make_dfa, regex

NAMES = [
    "aperiodic",
    "r_trivial",
    "l_trivial",
    "j_trivial",
    "da",
    "definite",
    "window",
    "reverse_definite",
    "generalised_definite",
    "locally_testable",
    "strictly_local",
    "stutter_invariant",
    "group_language",
    "r_infinity",
    "quasi_aperiodic",
]


def permutations(*generators: list[int]) -> DFA:
    """The words over permutations whose product fixes the point 0."""
    table = np.array(generators).T
    return make_dfa("abcd"[: len(generators)], table, np.arange(len(table)) == 0)


def assert_agrees(dfa: DFA, brute: Brute) -> Properties:
    found = properties(dfa)
    assert found.monoid_size == len(brute.monoid), dfa.table.tolist()
    for name in NAMES:
        assert getattr(found, name) == getattr(brute, name), (
            name,
            dfa.table.tolist(),
            dfa.accepting.tolist(),
        )
    groups = found.subgroups
    assert groups is not None
    facts = (
        groups.orders,
        groups.two_groups,
        groups.abelian,
        groups.solvable,
        groups.derived_length,
        groups.exponent,
    )
    assert facts == brute.subgroups, dfa.table.tolist()
    return found


def test_random_automata_agree_with_brute_force() -> None:
    seen = dict.fromkeys([*NAMES, "c_rasp"], 0)
    compared = 0
    for dfa in random_dfas(count(150, 1500), seed=11):
        brute = Brute.of(dfa)
        if brute is None:
            continue
        found = assert_agrees(dfa, brute)
        compared += 1
        for name in seen:
            seen[name] += bool(getattr(found, name))
    assert compared >= count(100, 1000)
    assert all(0 < number < compared for number in seen.values()), seen


def test_inclusions_hold() -> None:
    for dfa in random_dfas(count(150, 1500), seed=12, largest=12):
        p = properties(dfa)
        assert p.subgroups is not None
        for smaller, larger in [
            (p.j_trivial, p.r_trivial),
            (p.r_trivial, p.c_rasp),
            (p.c_rasp, p.r_infinity),
            (p.r_infinity, p.aperiodic),
            (p.aperiodic, p.quasi_aperiodic),
            (p.quasi_aperiodic, p.subgroups.solvable),
            (p.r_trivial, p.da),
            (p.da, p.aperiodic),
            (p.definite, p.generalised_definite),
            (p.generalised_definite, p.locally_testable),
            (p.strictly_local, p.locally_testable),
            (p.locally_testable, p.aperiodic),
        ]:
            assert larger or not smaller, (dfa.table.tolist(), p)


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        (
            "(ab)*",
            "aperiodic r_infinity c_rasp strictly_local locally_testable",
            "da r_trivial l_trivial definite",
        ),
        ("(aa)*", "group_language quasi_aperiodic", "aperiodic c_rasp locally_testable"),
        ("(b|ab*a)*", "group_language", "quasi_aperiodic aperiodic"),
        ("(a|b)*abb", "definite l_trivial da aperiodic", "r_trivial r_infinity c_rasp"),
        ("abb(a|b)*", "reverse_definite r_trivial c_rasp", "definite j_trivial"),
        ("(a|b|e)*be*", "da aperiodic l_trivial", "r_infinity c_rasp locally_testable"),
        ("(ab|bba)*", "aperiodic r_infinity", "c_rasp da"),
        ("b*a*b*a*", "j_trivial da c_rasp aperiodic stutter_invariant", "definite locally_testable"),
        ("(a|b)*a(a|b)*", "j_trivial locally_testable", "strictly_local reverse_definite definite"),
        ("a(a|b)*b", "generalised_definite", "definite reverse_definite"),
    ],
)
def test_named_examples(text: str, true: str, false: str) -> None:
    dfa = regex(text)
    brute = Brute.of(dfa)
    assert brute is not None
    found = assert_agrees(dfa, brute)
    assert all(getattr(found, name) is True for name in true.split())
    assert all(getattr(found, name) is False for name in false.split())


@pytest.mark.parametrize(
    ("dfa", "order", "length", "exponent"),
    [
        (permutations([1, 2, 0], [1, 0, 2]), 6, 2, 6),
        (permutations([1, 2, 3, 4, 5, 0]), 6, 1, 6),
        (permutations([1, 2, 3, 4, 0], [1, 2, 0, 3, 4]), 60, None, 30),
        (permutations([1, 2, 3, 0], [1, 0, 2, 3]), 24, 3, 12),
        (permutations([1, 2, 3, 4, 5, 6, 7, 0], [1, 0, 2, 3, 4, 5, 6, 7]), 40320, None, 840),
    ],
)
def test_groups(dfa: DFA, order: int, length: int | None, exponent: int) -> None:
    found = properties(dfa)
    assert found.subgroups is not None
    assert found.monoid_size == order
    assert found.subgroups.orders == (order,)
    assert found.subgroups.derived_length == length
    assert found.subgroups.solvable == (length is not None)
    assert found.subgroups.exponent == exponent
    assert found.group_language


@pytest.mark.parametrize("accepting", [False, True])
@pytest.mark.parametrize("symbols", ["", "a", "ab"])
def test_one_state_has_every_property(accepting: bool, symbols: str) -> None:
    found = properties(make_dfa(symbols, np.zeros((1, len(symbols)), int), [accepting]))
    assert found.monoid_size == 1
    assert found.window == 0
    assert found.subgroups is not None
    assert found.subgroups.orders == (1,)
    assert found.subgroups.derived_length == 0
    flags = [getattr(found, field.name) for field in fields(found)]
    assert all(flag is True for flag in flags if isinstance(flag, bool))
    assert None not in flags


def test_a_budget_spoils_only_what_needs_it() -> None:
    dfa = regex("(abba)*(ab|c)*")
    assert properties(dfa).monoid_size is not None
    found = properties(dfa, budget=Budget(max_elements=5))
    assert found.monoid_size is None
    assert found.da is None
    assert found.aperiodic is True
    assert found.r_trivial is False
    none = properties(dfa, budget=Budget(deadline=time.monotonic() - 1))
    assert none.aperiodic is None
    assert none.subgroups is None
    assert none.stutter_invariant is False
    few = properties(dfa, budget=Budget(max_states=3))
    assert few.definite is None
    assert few.subgroups is None
    assert few.r_trivial is False
