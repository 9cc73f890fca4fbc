"""Rotors in cascades: registers against the groups they store, cascades against their automata."""

from __future__ import annotations

import time
from itertools import product
from math import prod

import numpy as np
import pytest
from conftest import SEED, count
from random_automata import distinct

from starfree.algebra.aperiodic import is_aperiodic
from starfree.algebra.groups import group_facts
from starfree.algebra.permutations import multiply
from starfree.algebra.subgroups import subgroups
from starfree.budgets import Budget
from starfree.cascades import Cascade, decompose, replay
from starfree.cascades.replay import CascadeRunner
from starfree.cascades.rotors import Register, register
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import DFA, catalog, dfa_of, regex

NAMES = [name for name in catalog.regular if not is_aperiodic(dfa_of(catalog[name]))]


def random_groups(seed: int, number: int) -> list[tuple[list[tuple[int, ...]], int]]:
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < number:
        degree = int(rng.integers(2, 7))
        moves = [tuple(rng.permutation(degree).tolist()) for _ in range(int(rng.integers(1, 4)))]
        found.append((moves, degree))
    return found


def follow(store: Register, move: tuple[int, ...], rotors: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Turn every factor by what its old predecessors say, as the cells of a cascade do."""
    return [
        tuple(
            (old + add) % order
            for old, add, order in zip(turns, store.added(move, rotors[:level]), factor.orders, strict=True)
        )
        for level, (factor, turns) in enumerate(zip(store.factors, rotors, strict=True))
    ]


def test_registers_move_as_their_groups() -> None:
    rng = np.random.default_rng(SEED)
    kinds = set()
    for moves, degree in random_groups(SEED, count(60, 600)):
        facts = group_facts(moves, degree)
        for rotors in ("signed", "complex"):
            possible = facts.two_group if rotors == "signed" else facts.solvable
            kinds.add((rotors, possible))
            if not possible:
                with pytest.raises(BadInput):
                    register(moves, degree, rotors)
                continue
            store = register(moves, degree, rotors)
            orders = [order for factor in store.factors for order in factor.orders]
            assert prod(orders) == facts.order
            assert rotors == "complex" or set(orders) <= {2}
            if rotors == "complex":
                assert len(store.factors) == facts.derived_length
            for tile in range(degree):
                place = list(store.place(tile))
                assert store.tile(store.orbit[tile], place) == tile
                at = tile
                for _ in range(12):
                    move = moves[int(rng.integers(len(moves)))]
                    place, at = follow(store, move, place), move[at]
                    assert store.tile(store.orbit[tile], place) == at
    assert len(kinds) == 4


def test_tile_zero_is_all_zeros() -> None:
    for moves, degree in random_groups(SEED + 1, 40):
        if group_facts(moves, degree).solvable:
            store = register(moves, degree, "complex")
            assert store.orbit[0] == 0
            assert not any(map(any, store.place(0)))


def slow_agrees(cascade: Cascade, dfa: DFA, length: int) -> bool:
    """The slow twin of `replay`: every word, by `Cascade.step`."""
    for size in range(length + 1):
        for word in product(dfa.alphabet, repeat=size):
            live = all(dfa.legal_after(word[:i]) for i in range(size + 1))
            right = cascade.legal(cascade.run(word)) == dfa.legal_after(word)
            if not right and (cascade.task == "recognise" or live):
                return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_the_catalogue_is_decomposed(name: str) -> None:
    dfa = dfa_of(catalog[name])
    groups = subgroups(dfa)
    for rotors, possible in (("signed", groups.two_groups), ("complex", groups.solvable)):
        for task in ("recognise", "predict"):
            if not possible:
                with pytest.raises(BadInput):
                    decompose(dfa, task=task, rotors=rotors)
                continue
            cascade = decompose(dfa, task=task, rotors=rotors)
            assert replay(cascade, dfa) is not None
            assert any(cell.turns for cell in cascade.cells)
            if rotors == "signed":
                assert all(cell.size == 2 for cell in cascade.cells if cell.turns)


def test_random_automata_with_groups_are_decomposed() -> None:
    done = refused = out = 0
    for dfa in distinct(SEED, 12):
        if is_aperiodic(dfa):
            continue
        groups = subgroups(dfa)
        for rotors, possible in (("signed", groups.two_groups), ("complex", groups.solvable)):
            budget = Budget(max_elements=count(1_000, 5_000), deadline=time.monotonic() + 20)
            if not possible:
                refused += 1
                with pytest.raises((BadInput, BudgetExceeded)):
                    decompose(dfa, rotors=rotors, budget=budget)
                continue
            for task in ("recognise", "predict"):
                try:
                    cascade = decompose(dfa, task=task, rotors=rotors, budget=budget)
                except BudgetExceeded:
                    out += 1
                    continue
                done += 1
                assert replay(cascade, dfa) is not None, (dfa, task, rotors)
                assert slow_agrees(cascade, dfa, 4 if len(dfa.alphabet) < 4 else 3)
        if done >= count(14, 600):
            break
    assert refused > 3
    assert out < done


def test_stepping_many_is_stepping_one() -> None:
    rng = np.random.default_rng(SEED)
    for name in ("s_4", "dna_frame", "json_string", "tomita_3"):
        cascade = decompose(dfa_of(catalog[name]), rotors="complex")
        runner = CascadeRunner(cascade)
        values = [cascade.initial]
        for _ in range(40):
            values.append(cascade.step(values[-1], str(rng.choice(list(cascade.alphabet)))))
        after = runner.steps(np.array(values))
        for place, symbol in enumerate(cascade.alphabet):
            assert after[place].tolist() == [list(cascade.step(each, symbol)) for each in values]


@pytest.mark.parametrize(
    ("name", "rotors", "levels", "sizes"),
    [
        ("z_5", "complex", 1, [5]),
        ("z_12", "complex", 1, [3, 4]),
        ("z_8", "signed", 3, [2, 2, 2]),
        ("s_3", "complex", 2, [2, 3]),
        ("a_4", "complex", 2, [3, 2, 2]),
        ("s_4", "complex", 3, [2, 3, 2, 2]),
    ],
)
def test_levels_of_a_group_are_its_derived_length(
    name: str, rotors: str, levels: int, sizes: list[int]
) -> None:
    cascade = decompose(dfa_of(catalog[name]), rotors=rotors)  # type: ignore[arg-type]
    assert cascade.levels == levels
    assert sorted(cell.size for cell in cascade.cells) == sorted(sizes)


def test_a_group_beyond_the_budget() -> None:
    with pytest.raises(BudgetExceeded):
        decompose(dfa_of(catalog["s_4"]), rotors="complex", budget=Budget(max_elements=20))


def test_star_free_languages_have_the_same_cascade_with_rotors() -> None:
    for name in ("tomita_4", "d_4", "flip_flop", "tcp"):
        dfa = dfa_of(catalog[name])
        assert decompose(dfa, rotors="complex") == decompose(dfa)


def test_evidence_says_what_adds() -> None:
    evidence = decompose(regex("(aa)*"), rotors="signed").to_evidence()
    assert evidence["cells"] == [{"size": 2, "rules": [{"symbols": ["a"], "when": [], "add": 1}]}]


def test_products_are_from_left_to_right() -> None:
    assert multiply((1, 2, 0), (1, 0, 2)) == (0, 2, 1)
