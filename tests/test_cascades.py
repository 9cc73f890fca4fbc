"""Cascades: right on every reachable value, short where a short one exists, the same as their slow twin."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from conftest import SEED, count
from random_automata import distinct

from starfree.algebra.aperiodic import Pumping, aperiodicity
from starfree.algebra.images import image_orbit
from starfree.budgets import Budget
from starfree.cascades import Cascade, decompose, replay
from starfree.cascades.extract import extract
from starfree.cascades.holonomy import holonomy
from starfree.cascades.replay import CascadeRunner
from starfree.cascades.simplify import simplify
from starfree.diagrams import ANY, Diagrams
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import DFA, catalog, regex


def starfree_automata(seed: int, number: int) -> list[DFA]:
    found = []
    for dfa in distinct(seed, 9):
        if not isinstance(aperiodicity(dfa), Pumping):
            found.append(dfa)
        if len(found) == number:
            return found
    raise AssertionError


def agrees_on_all_words(cascade: Cascade, dfa: DFA, length: int) -> None:
    for size in range(length + 1):
        for word in product(dfa.alphabet, repeat=size):
            live = all(dfa.legal_after(word[:i]) for i in range(size + 1))
            if cascade.task == "recognise" or live:
                assert cascade.legal(cascade.run(word)) == dfa.legal_after(word), (word, cascade)


@pytest.mark.parametrize("task", ["recognise", "predict"])
def test_every_variant_is_right_on_all_short_words(task: str) -> None:
    """Holonomy and merged, complete and live, tidy or not: each is the language."""
    for dfa in starfree_automata(SEED, count(25, 400)):
        everything = (1 << dfa.states) - 1
        dead = 0 if dfa.dead_state is None else 1 << dfa.dead_state
        for states in {everything, everything & ~dead}:
            if (task == "predict" and states & dead) or not states:
                continue
            orbit = image_orbit(dfa, states=states)
            latch = task == "recognise" and states != everything
            for merged, tidy in product((True, False), repeat=2):
                tower = holonomy(orbit, dfa.start, merged=merged)
                cascade = simplify(extract(dfa, orbit, tower, task=task, latch=latch, tidy=tidy))
                agrees_on_all_words(cascade, dfa, 4 if len(dfa.alphabet) > 2 else 6)
                if tidy:  # the others may reach millions of values
                    assert replay(cascade, dfa) is not None


def test_replay_notices_a_changed_rule_and_a_changed_outcome() -> None:
    from dataclasses import replace

    dfa = catalog["d_3"].dfa
    cascade = decompose(dfa)
    assert replay(cascade, dfa) is not None
    for number, cell in enumerate(cascade.cells):
        for i, rule in enumerate(cell.rules):
            changed = replace(
                cell, rules=(*cell.rules[:i], replace(rule, value=1 - rule.value), *cell.rules[i + 1 :])
            )
            cells = (*cascade.cells[:number], changed, *cascade.cells[number + 1 :])
            assert replay(replace(cascade, cells=cells), dfa) is None
    for i in range(len(cascade.outcomes)):
        outcomes = (*cascade.outcomes[:i], *cascade.outcomes[i + 1 :])
        assert replay(replace(cascade, outcomes=outcomes), dfa) is None


def test_runner_equals_the_slow_step() -> None:
    rng = np.random.default_rng(SEED)
    for dfa in starfree_automata(SEED + 1, count(20, 200)):
        cascade = decompose(dfa)
        runner = CascadeRunner(cascade)
        walk = [cascade.run(rng.choice(list(dfa.alphabet), size)) for size in range(12)]
        values = np.array(walk, np.int64).reshape(len(walk), len(cascade.cells))
        stepped, legal = runner.steps(values), runner.legal(values)
        for row, old in enumerate(walk):
            flags = [
                *(s in cascade.legal(old) for s in dfa.alphabet),
                any(not isinstance(m, str) for m in cascade.legal(old)),
            ]
            assert legal[row].tolist() == flags
            for letter, symbol in enumerate(dfa.alphabet):
                assert tuple(stepped[letter, row].tolist()) == cascade.step(old, symbol)


@pytest.mark.parametrize("n", range(1, 13))
def test_bounded_dyck_has_two_rules_a_level(n: int) -> None:
    """D_n is one latch per unit of depth, and a dead latch; never a table."""
    dfa = catalog[f"d_{n}"].dfa
    cascade = decompose(dfa)
    assert (cascade.levels, cascade.bits) == (n + 1, n + 1)
    assert all(len(cell.rules) <= 3 for cell in cascade.cells)
    predicting = decompose(dfa, task="predict")
    assert (predicting.levels, predicting.bits) == (n, n)


def test_d_30_stays_short() -> None:
    cascade = decompose(catalog["d_30"].dfa)
    assert cascade.levels == 31
    assert cascade.rule_count <= 3 * 31
    assert cascade.tuples == 2**31


def test_flip_flop_for_predict_is_a_symbol_and_a_bit() -> None:
    cascade = decompose(catalog["flip_flop"].dfa, task="predict")
    assert cascade.levels == 2
    assert cascade.cells[1].size == 2


def test_levels_count_chains_of_reading() -> None:
    for dfa in starfree_automata(SEED + 2, 20):
        cascade = decompose(dfa)
        for number, cell in enumerate(cascade.cells):
            assert all(other < number for other in cell.reads)
            assert cell.level == 1 + max((cascade.cells[other].level for other in cell.reads), default=0)
        assert [cell.level for cell in cascade.cells] == sorted(cell.level for cell in cascade.cells)


def test_a_group_is_refused() -> None:
    with pytest.raises(BadInput, match="not aperiodic"):
        decompose(regex("(aa)*").dfa)


def test_a_budget_ends_a_replay() -> None:
    dfa = catalog["d_12"].dfa
    with pytest.raises(BudgetExceeded):
        replay(decompose(dfa), dfa, budget=Budget(max_states=100))


@pytest.mark.parametrize("spec", ["~(.*)", ".*", "()"])
def test_the_smallest_languages(spec: str) -> None:
    for alphabet in ("ab", "a"):
        dfa = regex(spec, alphabet).dfa
        for task in ("recognise", "predict"):
            cascade = decompose(dfa, task=task)
            assert replay(cascade, dfa) is not None
            agrees_on_all_words(cascade, dfa, 3)


def test_diagrams_keep_every_decided_value() -> None:
    """A random partial function is read off as disjoint conjunctions that agree where it is defined."""
    rng = np.random.default_rng(SEED)
    for _ in range(count(150, 3000)):
        sizes = rng.integers(1, 4, int(rng.integers(1, 5))).tolist()
        wanted = {values: int(rng.integers(-1, 3)) for values in product(*map(range, sizes))}
        diagrams = Diagrams(sizes)
        layer = {values: ANY if act < 0 else diagrams.leaf(act) for values, act in wanted.items()}
        for variable in range(len(sizes) - 1, -1, -1):
            layer = {
                values: diagrams.node(variable, [layer[*values, v] for v in range(sizes[variable])])
                for values in product(*map(range, sizes[:variable]))
            }
        paths = list(diagrams.conjunctions(layer[()]))
        for values, act in wanted.items():
            met = [
                action for path, action in paths if all(values[v] in allowed for v, allowed in path.items())
            ]
            assert len(met) <= 1
            assert act < 0 or met == [act]
